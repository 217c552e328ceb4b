// TLS as a stranger meets it, what every answer carries, and what happens to certificates and
// requests while the server runs and ends.
// Apart from: form, report, picture, keep.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { connect, type ConnectionOptions, type PeerCertificate } from 'node:tls';

import { type Member, Probity, sampleAnswers, sampleQuestionnaire } from '../support/probity.ts';

const noOpenssl = spawnSync('openssl', ['version']).status !== 0 && 'openssl is not installed';

interface Met {
  readonly protocol: string | null;
  readonly cipher: string;
  readonly certificate: PeerCertificate;
}

describe('TLS', () => {
  let probity: Probity;
  let owner: Member;
  let folder: string;

  /** A certificate of its own for each call, in the configured place. */
  const makeCertificate = (name: string): void => {
    const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
      'ec_paramgen_curve:P-256', '-nodes', '-days', '3650', '-subj', `/CN=${name}`,
      '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-keyout', join(folder, 'new.key'), '-out', join(folder, 'new.pem')], { encoding: 'utf8' });
    assert.equal(made.status, 0, made.stderr);
    renameSync(join(folder, 'new.key'), join(folder, 'key.pem'));
    renameSync(join(folder, 'new.pem'), join(folder, 'cert.pem'));
  };

  const meet = (options: ConnectionOptions = {}): Promise<Met> =>
    new Promise((done, failed) => {
      const where = { host: '127.0.0.1', port: probity.port, rejectUnauthorized: false };
      const socket = connect({ ...where, ...options }, () => {
        const certificate = socket.getPeerCertificate();
        done({ protocol: socket.getProtocol(), cipher: socket.getCipher().name, certificate });
        socket.destroy();
      });
      socket.on('error', failed);
      socket.setTimeout(10_000, () => socket.destroy(new Error('no handshake')));
    });

  const nameMet = async (): Promise<string> => String((await meet()).certificate.subject.CN);
  const isOpen = async (): Promise<boolean> => {
    try {
      await meet();
      return true;
    } catch {
      return false;
    }
  };

  const plain = (bytes: string): Promise<string> =>
    new Promise((done) => {
      let got = '';
      const socket = connectPlain(probity.port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (piece: Buffer) => { got += piece.toString('latin1'); });
      socket.on('close', () => done(got)).on('error', () => done(got));
      socket.setTimeout(2000, () => socket.destroy());
    });

  before(async () => {
    probity = await Probity.start();
    folder = mkdtempSync(join(tmpdir(), 'probity-tls-'));
    owner = await probity.begin();
  });
  after(async () => {
    await probity?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the certificate it makes names this host and is its own', async () => {
    const { certificate } = await meet();
    assert.match(certificate.subjectaltname ?? '', /localhost/);
    const { raw } = certificate;
    const parsed = new X509Certificate(raw);
    assert.ok(Date.parse(parsed.validTo) > Date.now());
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`${version} is spoken, with an authenticated cipher`, async () => {
      const met = await meet({ minVersion: version, maxVersion: version });
      assert.equal(met.protocol, version);
      assert.match(met.cipher, /GCM|CHACHA20|POLY1305/);
    });
  }

  for (const version of ['TLSv1', 'TLSv1.1'] as const) {
    test(`${version} is not`, async () => {
      const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' };
      await assert.rejects(meet(old));
    });
  }

  test('ciphers without authentication or forward secrecy are not spoken', async () => {
    const weak = ['AES128-SHA', 'AES128-GCM-SHA256', 'ECDHE-RSA-AES128-SHA',
      'ECDHE-ECDSA-AES256-SHA384',
      'ECDHE-ECDSA-AES128-SHA256', 'AES256-SHA256'];
    for (const ciphers of weak)
      await assert.rejects(meet({ maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0` }),
        ciphers);
  });

  test('plain HTTP is sent to https, and never answered otherwise', async () => {
    const sent = await plain('GET /s/abc?x=1 HTTP/1.1\r\nhost: localhost:8443\r\n\r\n');
    assert.match(sent, /^HTTP\/1\.1 30[178] /);
    assert.match(sent, /location: https:\/\/localhost:8443\/s\/abc/i);
    const posted = await plain(
      'POST /api/v1/login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}');
    assert.match(posted, /^HTTP\/1\.1 4\d\d /);
    assert.doesNotMatch(posted, /set-cookie/i);
    assert.doesNotMatch(await plain('\u0016\u0003\u0001 nonsense\r\n\r\n'), /200 OK/);
  });

  test('every answer carries the headers that protect people, refusals too', async () => {
    const { token } = await owner.survey(sampleQuestionnaire);
    const paths = ['/', '/login', '/healthz', '/nothing', `/s/${token}`, '/api/v1/me', '/privacy',
      '/api/openapi.json', '/assets/respondent.css', '/s/unknown', '/.well-known/security.txt'];
    const raw = await probity.ask('DELETE', '/healthz');
    for (const got of [raw, ...await Promise.all(paths.map((path) => probity.ask('GET', path)))]) {
      const of = (name: string) => String(got.headers[name] ?? '');
      const age = Number(/max-age=(\d+)/.exec(of('strict-transport-security'))?.[1]);
      assert.ok(age >= 31_536_000, of('strict-transport-security'));
      assert.match(of('content-security-policy'), /default-src 'none'/);
      assert.doesNotMatch(of('content-security-policy'), /unsafe/);
      assert.equal(of('x-content-type-options'), 'nosniff');
      assert.equal(of('referrer-policy'), 'no-referrer');
      assert.equal(of('x-frame-options'), 'DENY');
      assert.equal(of('cross-origin-opener-policy'), 'same-origin');
      assert.match(of('x-request-id'), /^req_/);
      assert.equal(of('server'), '');
      assert.equal(of('x-powered-by'), '');
    }
    const me = await owner.must(200, 'GET', '/api/v1/me');
    assert.equal(me.headers['cache-control'], 'no-store');
  });

  describe('given certificates', { skip: noOpenssl }, () => {
    before(async () => {
      makeCertificate('first');
      const config = join(folder, 'probity.toml');
      writeFileSync(config, `[tls]\ncertificate = "${join(folder, 'cert.pem')}"\n`
        + `private_key = "${join(folder, 'key.pem')}"\n`);
      await probity.end();
      await probity.serve('--config', config);
    });

    test('the given one is shown', async () => assert.equal(await nameMet(), 'first'));

    test('a replaced one is shown without a restart', async () => {
      makeCertificate('second');
      await probity.until('the second certificate', async () =>
        (await isOpen()) && (await nameMet()) === 'second');
    });

    test('SIGHUP reads it again, and no session is lost', async () => {
      makeCertificate('third');
      probity.signal('SIGHUP');
      await probity.until('the third certificate', async () =>
        (await isOpen()) && (await nameMet()) === 'third');
      await owner.must(200, 'GET', '/api/v1/me');
    });

    test('without a certificate the listener is closed; it opens when the file is back',
      async () => {
      const kept = readFileSync(join(folder, 'cert.pem'));
      rmSync(join(folder, 'cert.pem'));
      await probity.until('the listener is closed', async () => !(await isOpen()));
      await assert.rejects(probity.ask('GET', '/healthz'));
      writeFileSync(join(folder, 'cert.pem'), kept);
      await probity.until('the listener is open again', isOpen);
      await owner.must(200, 'GET', '/api/v1/me');
    });

    test('a key that does not belong to it closes the listener too', async () => {
      const kept = readFileSync(join(folder, 'key.pem'));
      const other = spawnSync('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout'], {
        encoding: 'utf8',
      });
      writeFileSync(join(folder, 'key.pem'), other.stdout);
      await probity.until('the listener is closed', async () => !(await isOpen()));
      writeFileSync(join(folder, 'key.pem'), kept);
      await probity.until('the listener is open again', isOpen);
    });
  });

  test('SIGTERM answers what it accepted and keeps what it acknowledged', async () => {
    const { id, token } = await owner.survey(sampleQuestionnaire);
    let acknowledged = 0;
    let isOver = false;
    const client = async () => {
      while (!isOver) {
        try {
          const got = await probity.ask('POST', `/api/v1/public/${token}/responses`, {
            body: { answers: sampleAnswers },
          });
          if (got.status === 201) ++acknowledged;
          else assert.equal(got.status, 503, got.text);
        } catch {
          return;
        }
      }
    };
    const clients = Array.from({ length: 16 }, client);
    await new Promise((done) => setTimeout(done, 400));
    const { pid } = probity;
    const since = Date.now();
    process.kill(pid, 'SIGTERM');
    await Promise.all(clients);
    isOver = true;
    while (existsSync(`/proc/${pid}/exe`) && Date.now() - since < 11_000)
      await new Promise((done) => setTimeout(done, 50));
    const took = Date.now() - since;
    assert.ok(took < 10_500, `${took} ms`);
    assert.equal(await probity.end(), 0);
    await probity.serve();
    const report = await owner.must(200, 'GET', `/api/v1/surveys/${id}/report`);
    assert.ok(acknowledged > 0);
    // A client may miss an answer when its connection is closed; the server never forgets one.
    assert.ok(report.json.responses >= acknowledged, `${report.json.responses} of ${acknowledged}`);
    assert.ok(report.json.responses <= acknowledged + 16);
  });
});
