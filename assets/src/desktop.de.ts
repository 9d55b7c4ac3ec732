import { open } from "./desktop/desktop.ts";
import { DE } from "./texts/de.ts";

open(DE);
