import { open } from "./desktop/desktop.ts";
import { EN } from "./texts/en.ts";

open(EN);
