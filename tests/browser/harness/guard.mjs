// Runs a command, and ends its whole process group once nobody holds the other end of standard input: workerd does not
// outlive the tests, however they end.

import { spawn } from "node:child_process";

const [program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });
const endAll = () => process.kill(0, "SIGKILL"); // this process leads the group
child.on("exit", endAll);
child.on("error", endAll);
process.stdin.on("end", endAll).on("error", endAll).resume();
