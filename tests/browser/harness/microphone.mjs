// A microphone that behaves as a test wants, in a browser that has none: simulated in place of the browser's own
// interface.

/** Runs in the page before anything else. `found` is what its desktop will find. */
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
