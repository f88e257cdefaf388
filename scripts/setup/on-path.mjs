import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Is there a program of this name on PATH? Looked up here: a shell to ask takes longer than a start has.
 *
 * @param {string} tool
 */
export function isOnPath(tool) {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      const path = join(folder, tool);
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  });
}
