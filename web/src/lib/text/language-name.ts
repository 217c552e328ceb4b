const names = new Intl.DisplayNames(['en'], { type: 'language' });

/** What a language is called; the tag itself where nobody knows it. */
export const languageName = (tag: string): string => {
  try {
    return names.of(tag.replaceAll('_', '-')) ?? tag;
  } catch {
    return tag;
  }
};
