// HTML that authors write, as a browser reads what the server makes of it: compared with DOMPurify,
// the library that most pages rely on (OWASP ASVS 1.3.1).
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';

import { Chromium, inside, withoutBrowser } from '../support/browser.ts';
import { Probity, type Member } from '../support/probity.ts';

const file = createRequire(import.meta.url).resolve('dompurify/dist/purify.js');
const source = readFileSync(file, 'utf8');
const library = { known: 'DOMPurify', source };
const elements = [
  'p', 'br', 'hr', 'b', 'i', 'em', 'strong', 'u', 's', 'small', 'sub', 'sup', 'ul', 'ol', 'li',
  'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'code', 'pre', 'a',
];
/** DOMPurify with the same list. */
const rules = JSON.stringify({
  ALLOWED_TAGS: elements, ALLOWED_ATTR: ['href', 'rel'], ADD_URI_SAFE_ATTR: ['rel'],
  ALLOW_DATA_ATTR: false, ALLOW_ARIA_ATTR: false,
});
const purify = `((html) => DOMPurify.sanitize(html,
  { ...${rules}, ALLOWED_URI_REGEXP: /^(?:https:|mailto:)/ }))`;

const act = 'window.hurt=1';
const links = [
  `javascript:${act}`, `JaVaScRiPt:${act}`, ` javascript:${act}`, `java\tscript:${act}`,
  `java&#10;script:${act}`, `&#106;avascript:${act}`, `&#x6A;avascript&colon;${act}`,
  `\u0001javascript:${act}`, `data:text/html,<script>${act}</script>`, `vbscript:${act}`,
  `https:javascript:${act}`, `//evil.example/`, `https://a.example/" onclick="${act}`,
  `https://a.example/'onclick='${act}`, `https://a.example/\`onclick=${act}`, 'blob:x', '/logout',
  `mailto:a@b.example?body="><img src=x onerror=${act}>`,
];
/** Each alone and inside others: of kinds that have got past one sanitiser or another. */
const hostile = [
  ...links.flatMap((link) => [`<a href="${link}">x</a>`, `<a href='${link}'>x</a>`,
    `<a href=${link}>x</a>`]),
  `<script>${act}</script>`, `<SCRIPT SRC=//evil.example></SCRIPT>`, `<scr<script>ipt>${act}`,
  `<script\u0000>${act}</script>`, `<script/x>${act}</script >`, `</script><script>${act}`,
  ...['img src=x', 'svg', 'body', 'video src=x', 'input autofocus', 'details open', 'b', 'p',
    'a href="https://a.example/"', 'h2', 'x', 'marquee'].flatMap((tag) =>
    ['onerror', 'onload', 'onfocus', 'ontoggle', 'onmouseover', 'OnClick'].map((event) =>
      `<${tag} ${event}=${act}>`)),
  `<img src=x:x onerror="${act}"`, `<img/src=x/onerror=${act}>`,
  `<img """><script>${act}</script>">`,
  `<b title="<img src=x onerror=${act}>">x</b>`, `<b title='</b><img src=x onerror=${act}>'>x`,
  `<p title="a>b" onclick="${act}">x</p>`, `<p =a onclick=${act}>x</p>`, `<p "a" onclick=${act}>x`,
  `<svg><script>${act}</script></svg>`, `<svg><style><img src=x onerror=${act}></style></svg>`,
  `<svg><a xlink:href="javascript:${act}"><text>x</text></a></svg>`,
  `<svg></p><style><a id="</style><img src=x onerror=${act}>">`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--><img src=x onerror=${act}>">`,
  `<math><annotation-xml encoding="text/html"><img src=x onerror=${act}></annotation-xml></math>`,
  `<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=${act}>`,
  `<noscript><p title="</noscript><img src=x onerror=${act}>">`,
  `<template><img src=x onerror=${act}></template>`, `<select><template><img src=x onerror=${act}>`,
  ...['title', 'textarea', 'xmp', 'noembed', 'noframes', 'plaintext', 'style', 'iframe'].flatMap(
    (raw) => [`<${raw}><p title="</${raw}><img src=x onerror=${act}>">`,
      `<p><${raw}></p><img src=x onerror=${act}></${raw}>`]),
  `<!--><img src=x onerror=${act}>-->`, `<!--!><img src=x onerror=${act}>`,
  `<!-- --!><img src=x onerror=${act}> -->`, `<![CDATA[<img src=x onerror=${act}>]]>`,
  `<?x <img src=x onerror=${act}>?>`, `<!doctype x [<img src=x onerror=${act}>]>`,
  `<a href="https://a.example/?`, `<a href='https://a.example/`, `<a `, `<`, `</`, `<!`, `&`, `&#`,
  `&#x`, `&lt;img src=x onerror=${act}&gt;`, `&amp;lt;script&amp;gt;`, `&#60;script&#62;${act}`,
  `<a id=document name=cookie>x</a>`, `<form id=test><input name=attributes></form>`,
  `<base href=//evil.example/>`, `<link rel=stylesheet href=//evil.example/>`,
  `<meta http-equiv=refresh content="0;url=javascript:${act}">`, `<object data=x><embed src=x>`,
  `<iframe srcdoc="<script>parent.${act}</script>">`, `<table><td><a><tr><td><a>`,
  `<p style="background:url(javascript:${act})">x</p>`, `<b><p><b><p></b></p>`,
  `<a><a href="https://a.example/"><a>`, `<li><ul><li></ul></li></ul>`, `</p></div></main></body>`,
  `<h2><h2><h2>`, `<pre><code></pre></code>`,
];
const places = [
  (html: string) => html, (html: string) => `<p>${html}</p>`, (html: string) => `<b>${html}`,
  (html: string) => `<ul><li>${html}</ul>`,
  (html: string) => `<a href="https://a.example/">${html}`,
];
const harmless = [
  '<p>One <b>bold</b>, <i>italic</i>, <em>stressed</em> and <strong>strong</strong> word.</p>',
  '<h2>Heading</h2><h3>Below</h3><p>Text<br>and more</p><hr>',
  '<ul><li>One</li><li>Two</li></ul><ol><li>First</li></ol>',
  '<blockquote>Said</blockquote><pre>a\n  b</pre><code>c</code>',
  '<p>H<sub>2</sub>O, m<sup>2</sup>, <small>small</small>, <u>under</u>, <s>struck</s></p>',
  '<p><a href="https://a.example/?b=1&amp;c=2#d">Link</a><a href="mailto:a@b.example">Mail</a></p>',
  '<p>1 &lt; 2 &amp; 3 &gt; 2, &copy; &eacute; é 日本語 🎈</p>', '<div><span>kept words</span></div>',
];

describe('HTML of authors', { skip: withoutBrowser }, () => {
  let probity: Probity;
  let owner: Member;
  let browser: Chromium;
  before(async () => {
    [probity, browser] = await Promise.all([Probity.start(), Chromium.start()]);
    owner = await probity.begin();
  });
  after(() => Promise.all([browser?.stop(), probity?.stop()]));

  /** What the page holds for each text, and what an expression over them gives. */
  const shown = async <T>(texts: readonly string[], expression: string): Promise<T> => {
    const { token } = await owner.survey({
      title: 'HTML',
      elements: [
        ...texts.map((html, n) => ({ type: 'html', name: `h${n}`, html })),
        { type: 'text', name: 'last', title: 'Anything?' },
      ],
    });
    const context = await browser.context(probity);
    const page = await context.newPage();
    await page.goto(`/s/${token}`);
    const told = await inside(page, `(() => {
      const blocks = [...document.querySelectorAll('main .words')].map((one) => one.innerHTML);
      const purify = ${purify};
      return JSON.stringify({ count: blocks.length, hurt: window.hurt === 1, told: ${expression} });
    })()`, library);
    await context.close();
    const { count, hurt, told: value } = JSON.parse(String(told));
    assert.equal(count, texts.length);
    assert.equal(hurt, false, 'something came alive');
    return value as T;
  };

  test('whatever they write, nothing is left that DOMPurify takes out', async () => {
    for (const place of places) {
      const changed = await shown<[string, string][]>(hostile.map(place),
        `blocks.map((html) => [html, purify(html)]).filter(([a, b]) => a !== b)`);
      assert.deepEqual(changed, []);
    }
  });

  test('the second opinion is one', async () => {
    const taken = await shown<boolean[]>(['x'], `[
      '<img src="x">', '<a href="javascript:x">y</a>', '<b onclick="x">y</b>', '<p style="x">y</p>',
    ].map((html) => purify(html) !== html)`);
    assert.deepEqual(taken, [true, true, true, true]);
  });

  test('what only formats is left as DOMPurify leaves it', async () => {
    const texts = JSON.stringify(harmless);
    const [ours, theirs] = await shown<[string[], string[]]>(harmless, `[
      blocks.map((html) => html.replaceAll(' rel="noopener noreferrer"', '')),
      ${texts}.map(purify)]`);
    assert.deepEqual(ours, theirs);
  });
});
