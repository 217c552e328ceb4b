// What a page elsewhere needs to show a survey in a frame as high as its content.

const escaped = (plain: string): string =>
  plain.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);

/** The text to put there. The frame scrolls where scripts do not run. */
export const snippetOf = (link: string, title: string): string => {
  const { origin } = new URL(link);
  return `<iframe id="survey" src="${escaped(link)}" title="${escaped(title)}"
  width="100%" height="600"></iframe>
<script>
  addEventListener('message', (event) => {
    const frame = document.getElementById('survey');
    const isOurs = event.source === frame.contentWindow && event.origin === '${origin}';
    if (isOurs && event.data.probityHeight > 0)
      frame.height = Math.min(event.data.probityHeight + 20, 20000);
  });
</${'script'}>
`;
};
