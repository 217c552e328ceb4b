import { fileURLToPath } from 'node:url';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  base: '/console/',
  plugins: [svelte()],
  resolve: {
    alias: {
      $lib: at('src/lib'),
      $pages: at('src/pages'),
      $catalogue: at('../src/attest'),
      $passkeys: at('../src/admin/assets/passkeys.js'),
    },
  },
  build: {
    outDir: 'dist',
    target: 'es2022',
    // Nothing inline: the policy of the page allows the server's own files and nothing else.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
