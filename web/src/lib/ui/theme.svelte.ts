/** Light, dark, or as the system has it. Kept in this browser only. */
export type ThemeChoice = 'system' | 'light' | 'dark';

const key = 'probity-theme';

const stored = (): ThemeChoice => {
  try {
    const value = localStorage.getItem(key);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
};

class Theme {
  choice: ThemeChoice = $state('system');

  start(): void {
    this.choose(stored());
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    if (choice === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = choice;
    try {
      if (choice === 'system') localStorage.removeItem(key);
      else localStorage.setItem(key, choice);
    } catch {
      // A browser that keeps nothing shows the choice until it is closed.
    }
  }
}

export const theme = new Theme();
