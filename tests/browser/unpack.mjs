// Unpacks Chromium where it comes as a package, so that browsers can start at the same time.
import { executable } from './chromium.mjs';

await executable();
