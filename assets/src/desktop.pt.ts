import { open } from "./desktop/desktop.ts";
import { PT } from "./texts/pt.ts";

open(PT);
