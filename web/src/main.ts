import '$lib/ui/tokens.css';
import '$lib/ui/base.css';

import { mount } from 'svelte';

import App from './app.svelte';

const target = document.getElementById('console');
if (target === null) throw new Error('the page has no place for the console');
mount(App, { target });
