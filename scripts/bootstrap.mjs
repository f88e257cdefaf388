// `npm start`, `npm test` and the other npm commands come here; only Node's own modules are sure to be installed.
import { runCommand, runTestCommand, setUp } from './setup/run.mjs';

const [command = 'start', ...args] = process.argv.slice(2);

if (command === 'install') setUp(['test']);
else if (command === 'test') await runTestCommand(args);
else await runCommand([command === 'start' ? 'serve' : command, ...args]);
