// The id of an object, by its name: 256 bits, of eight rounds of FNV-1a. It stands before whatever has to do with ids.
function idOf(name) {
  return Array.from({ length: 8 }, (_, round) => {
    let hash = 0x811c9dc5 ^ round;
    for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
    return (hash >>> 0).toString(16).padStart(8, "0");
  }).join("");
}

