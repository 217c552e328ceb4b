// Times are stored in UTC and shown in the reader's zone.
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const minute = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});
const second = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

export const dayOf = (at: string): string => day.format(new Date(at));
export const minuteOf = (at: string): string => minute.format(new Date(at));
export const secondOf = (at: string): string => second.format(new Date(at));

const two = (n: number): string => String(n).padStart(2, '0');

/** For an input of type datetime-local; empty for none. */
export const localOf = (at: string | null): string => {
  if (at === null) return '';
  const d = new Date(at);
  const date = `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
  return `${date}T${two(d.getHours())}:${two(d.getMinutes())}`;
};

/** Of an input of type datetime-local; null for empty. */
export const instantOf = (local: string): string | null =>
  local === '' ? null : new Date(local).toISOString();
