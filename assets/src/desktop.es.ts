import { open } from "./desktop/desktop.ts";
import { ES } from "./texts/es.ts";

open(ES);
