#!/usr/bin/env node
import { runCommand } from './setup/run.mjs';

await runCommand(process.argv.slice(2));
