const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** "1.5 MiB": at most one decimal, cut and not rounded up, so that nothing is full too early. */
export const bytesOf = (bytes: number): string => {
  let unit = 0;
  let size = bytes;
  for (; size >= 1024 && unit < units.length - 1; ++unit) size /= 1024;
  const cut = Math.floor(size * 10) / 10;
  return `${cut.toLocaleString('en')} ${size === 1 && unit === 0 ? 'byte' : units[unit]}`;
};
