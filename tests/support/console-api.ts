// The console's view of the interface: made of the document the built program serves.
import { join } from 'node:path';

import { apiTypes } from '../../web/tools/api-types.ts';
import { Probity, root } from './probity.ts';

export const routesFile = join(root, 'web', 'src', 'lib', 'api', 'routes.ts');

/** What the file must be, by the program that was built. */
export const routesText = async (probity: Probity): Promise<string> =>
  apiTypes((await probity.ask('GET', '/api/openapi.json')).text);
