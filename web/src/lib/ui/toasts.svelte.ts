/** What was done, told for a moment; with a way back where there is one. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly undo: (() => void) | undefined;
}

/** A toast that offers an undo stays this long; reading it takes less. */
const stayMs = 8000;

class Toasts {
  list: readonly Toast[] = $state([]);
  /** Somebody points at them or has the focus in them: they stay. */
  isHeld = false;
  private serial = 0;

  show(text: string, undo?: () => void): void {
    const toast = { id: ++this.serial, text, undo };
    // Two are enough: the newest says what was done last.
    this.list = [...this.list.slice(-1), toast];
    this.dropLater(toast.id);
  }

  private dropLater(id: number): void {
    setTimeout(() => (this.isHeld ? this.dropLater(id) : this.drop(id)), stayMs);
  }

  drop(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
