// The button for passkeys on the page that logs in. Whoever has no script types.
import { hasPasskeys, usePasskey } from './passkeys.js';

const form = document.getElementById('passkey');
const said = form?.querySelector('[role=alert]');

const optionsOf = async () => {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch('/api/v1/login/passkey/options');
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).options;
};

const logIn = async (event) => {
  event.preventDefault();
  said.textContent = '';
  try {
    form.elements.namedItem('credential').value = JSON.stringify(
      await usePasskey(await optionsOf()),
    );
    form.submit();
  } catch {
    // The browser has told the person why; it does not tell us, so that nobody learns what is there.
    said.textContent = 'No passkey was used. Try again, or log in another way.';
  }
};

if (form && hasPasskeys()) {
  form.hidden = false;
  form.addEventListener('submit', logIn);
}
