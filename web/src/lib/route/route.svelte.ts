// Real addresses below /console without a page load: links are taken over, the history is used.
import { unsaved } from './unsaved.svelte';

const base = '/console';

class Place {
  /** Below /console: "/surveys/sur_1/report". Never ends with a slash, but for the root. */
  path = $state('/');
  query = $state('');
  /** Counts changes of place, so that a page can put the focus on its heading. */
  moves = $state(0);

  /** The address shown now, to return to when somebody stays. */
  private shown = '';

  private read(): void {
    this.shown = location.pathname + location.search;
    this.path = location.pathname.slice(base.length).replace(/\/+$/, '') || '/';
    this.query = location.search;
  }

  start(): () => void {
    this.read();
    const back = (): void => {
      if (unsaved.isAny) return this.backWhenAsked();
      this.read();
      this.moves += 1;
    };
    const click = (event: MouseEvent): void => this.takeOver(event);
    addEventListener('popstate', back);
    document.addEventListener('click', click);
    const stopGuard = unsaved.guardWindow();
    return () => {
      removeEventListener('popstate', back);
      document.removeEventListener('click', click);
      stopGuard();
    };
  }

  /** Goes to a path below /console. Asks first when something typed would be lost. */
  async go(to: string, how: 'push' | 'replace' = 'push'): Promise<void> {
    if (!(await unsaved.mayLeave())) return;
    history[how === 'push' ? 'pushState' : 'replaceState'](null, '', base + to);
    this.read();
    this.moves += 1;
    scrollTo(0, 0);
  }

  /** The browser has gone back already: the address is put again, and the person asked. */
  private backWhenAsked(): void {
    const wanted = location.pathname.slice(base.length) + location.search;
    history.pushState(null, '', this.shown);
    void this.go(wanted);
  }

  private takeOver(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || link.target !== '' || link.hasAttribute('download')) return;
    if (link.origin !== location.origin) return;
    if (link.pathname !== base && !link.pathname.startsWith(`${base}/`)) return;
    // An anchor of this page is the browser's own.
    if (link.hash !== '' && link.pathname === location.pathname) return;
    event.preventDefault();
    void this.go(link.pathname.slice(base.length) + link.search);
  }
}

export const place = new Place();

/** The address of a path below /console, for `href`. */
export const at = (path: string): string => base + path;

/** Values of the `:names` of a pattern when the path fits it. */
export const match = (pattern: string, path: string): Record<string, string> | null => {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const values: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? '';
    if (part.startsWith(':')) {
      try {
        values[part.slice(1)] = decodeURIComponent(value);
      } catch {
        return null;
      }
    } else if (part !== value) return null;
  }
  return values;
};
