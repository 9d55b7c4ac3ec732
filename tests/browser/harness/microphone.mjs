// A microphone that is as a test wants it, in a browser that has none: played in place of the browser's own interface.

/** What runs in the page before anything else does. `found` is what its desktop will find. */
export function playMicrophone(found) {
  return `() => (${play})(${JSON.stringify(found)})`;
}

function play(found) {
  const { mediaDevices } = navigator;
  const permission = { unasked: "prompt", denied: "denied" }[found] ?? "granted";
  const device = { kind: "audioinput", deviceId: "default", label: permission === "granted" ? "Headset (USB)" : "" };
  const error = { absent: "NotFoundError", in_use: "NotReadableError" }[found];
  let isThere = found !== "absent";
  const query = navigator.permissions.query.bind(navigator.permissions);
  navigator.permissions.query = async (asked) =>
    asked.name === "microphone" ? Object.assign(new EventTarget(), { state: permission }) : query(asked);
  mediaDevices.enumerateDevices = async () => (isThere ? [device] : []);
  Object.defineProperty(MediaStreamTrack.prototype, "muted", { get: () => found === "silent" });
  mediaDevices.getUserMedia = async () => {
    if (error) throw new DOMException("", error);
    const { stream } = new AudioContext().createMediaStreamDestination();
    const [track] = stream.getAudioTracks();
    Object.defineProperty(track, "label", { value: device.label });
    if (found === "lost") {
      setTimeout(() => {
        isThere = false;
        track.dispatchEvent(new Event("ended"));
      }, 100);
    }
    return stream;
  };
}
