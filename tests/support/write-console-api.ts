// Writes the console's types of the interface anew: tools/console_api.
import { writeFileSync } from 'node:fs';

import { routesFile, routesText } from './console-api.ts';
import { Probity } from './probity.ts';

const write = async (): Promise<void> => {
  const probity = await Probity.start({ realClock: true });
  try {
    await probity.begin();
    writeFileSync(routesFile, await routesText(probity));
  } finally {
    await probity.stop();
  }
};

void write();
