import { open } from "./desktop/desktop.ts";
import { FR } from "./texts/fr.ts";

open(FR);
