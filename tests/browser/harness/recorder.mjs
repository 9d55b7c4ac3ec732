// The gateway of a screen recorder, in its own process: the one that the tests over the wire use.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Seconds that it takes to register a workstation: long enough for a picture. */
const TAKES = "3";

export class Recorder {
  #child;
  #control;
  /** Its address, as an install declares it. */
  gateway;

  static async start(root) {
    const recorder = new Recorder();
    const args = ["run", "--quiet", "--package", "onecontact-tests", "--bin", "recorder-gateway", "--", "--takes", TAKES];
    // It ends when its input does: with this process, however that ends.
    recorder.#child = spawn("cargo", args, { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
    for await (const line of createInterface({ input: recorder.#child.stdout })) {
      const { control, gateway } = JSON.parse(line);
      recorder.#control = `http://${control}/`;
      recorder.gateway = gateway;
      return recorder;
    }
    throw new Error("the gateway of the screen recorder does not start");
  }

  /** The current registrations. */
  async standing() {
    const answer = await fetch(this.#control, { method: "POST", body: '"standing"' });
    return answer.json();
  }

  end() {
    this.#child.stdin.end();
  }
}
