// Runs the journeys of a file, then ends their browser: `node travel.mjs journeys/FILE.mjs ARGUMENT…`.
import { pathToFileURL } from 'node:url';
import { endBrowser } from './harness.mjs';

process.argv.splice(1, 1);
await import(pathToFileURL(process.argv[1]));
await endBrowser();
