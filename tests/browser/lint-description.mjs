// Lints the OpenAPI description, read from standard input, with Redocly's recommended rules. Prints each error.
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const require = createRequire(`${process.env.BROWSER_CACHE}/package.json`);
const redocly = await import(pathToFileURL(require.resolve('@redocly/openapi-core')));

const config = await redocly.createConfig({ extends: ['recommended'] });
const source = await text(process.stdin);
const problems = await redocly.lintFromString({ source, config, absoluteRef: 'openapi.json' });
const errors = problems.filter((problem) => problem.severity === 'error');
for (const { ruleId, message, location } of errors) {
  console.error(`${ruleId}: ${message} at ${location?.[0]?.pointer}`);
}
for (const { ruleId, message, location } of problems.filter((problem) => problem.severity !== 'error')) {
  console.log(`warning ${ruleId}: ${message} at ${location?.[0]?.pointer}`);
}
process.exit(errors.length === 0 ? 0 : 1);
