// What the console says of members, of how they come in, and of what they hold.
import { counted } from './counted';

export const peopleText = {
  members: {
    title: 'Members',
    caption: 'Members of the organisation',
    invite: 'Invite a member',
    email: 'E-mail address',
    role: 'Role',
    submit: 'Make invitation',
    columns: { email: 'E-mail address', role: 'Role', state: 'State', last: 'Last log-in' },
    states: { invited: 'Invited', active: 'Active', disabled: 'Shut out' },
    you: 'you',
    linkTitle: 'Invitation link',
    linkBody: (email: string) =>
      `Send this link to ${email} by a way you trust. It sets a password, works once, ` +
      `and is shown only now.`,
    linkLabel: 'Invitation link',
    done: 'Done',
    newLink: 'New link',
    change: 'Change',
    changeTitle: (email: string) => `Change ${email}`,
    disable: 'Shut out',
    enable: 'Let in again',
    disabled: (email: string) => `${email} is shut out; all sessions ended.`,
    enabled: (email: string) => `${email} may log in again.`,
    roleChanged: (email: string, role: string) =>
      `${email} is now ${role}. Their sessions ended.`,
    deleteTitle: (email: string) => `Delete ${email}?`,
    deleteBody:
      'The account and everything personal about it goes. The audit log keeps only its number.',
    deleted: (email: string) => `${email} was deleted.`,
  },

  sessions: {
    title: 'Sessions and password',
    list: 'Where you are logged in',
    caption: 'Your sessions',
    columns: { network: 'Network', started: 'Began', active: 'Last active' },
    current: 'this one',
    end: 'End',
    ended: 'The session was ended.',
    endAll: 'End all sessions',
    endAllTitle: 'End all your sessions?',
    endAllBody: 'You are logged out everywhere, here too.',
    endTokens: 'Also revoke all API tokens you made',
    password: 'Change password',
    passwordHint: 'All your sessions end, and you log in with the new one.',
    currentPassword: 'Current password',
    newPassword: 'New password',
    noNetwork: 'not kept',
  },

  networks: {
    title: 'Networks',
    body: (own: string) =>
      `From where members and API tokens are let in; respondents come from everywhere. You come ` +
      `from ${own}.`,
    allow: 'Only from these',
    allowHint: 'One a line, such as 203.0.113.0/24 or 2001:db8::/32. Empty: from everywhere.',
    deny: 'Never from these',
    denyHint: 'Counts before the list above.',
    save: 'Use these networks',
    saved: 'Saved. They count from now on, in open sessions too.',
    none: 'From everywhere.',
    shutTitle: 'Shut yourself out?',
    shutBody:
      'You come from a network that would not be let in. If nobody else can come in, only ' +
      'whoever runs the server can undo this.',
    shutSubmit: 'Use them all the same',
  },

  passwords: {
    title: 'Passwords',
    legend: 'Rules for passwords',
    profiles: {
      'nist-r4': {
        label: 'Long, and never changed by the calendar',
        hint:
          'At least 15 characters, nothing well known. What NIST advises, and we: whoever has to ' +
          'change a password often chooses weak ones.',
      },
      vwo: {
        label: 'New every 90 days',
        hint: 'The same, and none of the last five.',
      },
      mindaclient: {
        label: 'New every 30 days',
        hint:
          'At least 12 characters with capital and small letters, digits and marks, or 16 of any ' +
          'kind; none of the last 24, and none another member has. API tokens end as soon.',
      },
    },
    save: 'Use these rules',
    saved: 'Saved. New passwords follow these rules.',
    reminder: (day: string) => `Your password ends on ${day}.`,
    reminderLink: 'Set a new one',
    dueTitle: 'Set a new password',
    dueIntro: 'Yours has reached the age your organisation allows. You can go on with a new one.',
  },

  factors: {
    title: 'Second factor',
    none:
      'Whoever knows your password can log in as you. With a second factor they cannot: a ' +
      'passkey, kept by this device or a security key, or an app on your telephone that shows ' +
      'six digits.',
    caption: 'Your second factors',
    columns: { name: 'Name', kind: 'What', created: 'Set up', used: 'Last log-in' },
    kinds: { totp: 'Authenticator app', passkey: 'Passkey' },
    add: 'Set up an authenticator app',
    addPasskey: 'Set up a passkey',
    passkeyBody:
      'Your browser asks where to keep it: on this device, on your telephone, on a security key. ' +
      'With its PIN, your finger or your face it then lets you in without a password.',
    passkeyMade: 'The passkey was made. Give it a name to know it by.',
    passkeyName: 'Passkey',
    passkeyNameHint: 'Such as the device it is on.',
    passkeyMake: 'Make the passkey',
    noPasskeys:
      'Passkeys need this server to be opened under its name, in a browser that has them.',
    choose: 'Choose one of them. Both can be set up later.',
    remove: 'Remove',
    removeTitle: (name: string) => `Remove “${name}”?`,
    removeBody: 'It no longer lets anybody in. Your other sessions end.',
    removed: (name: string) => `“${name}” was removed.`,
    codesLeft: (count: number) =>
      count === 0
        ? 'No recovery codes are left: make new ones.'
        : `${counted(count, 'recovery code is', 'recovery codes are')} left.`,
    renew: 'Make new recovery codes',
    renewTitle: 'New recovery codes',
    renewBody: 'Those you have now no longer work afterwards.',
    password: 'Your password',
    passwordHint: 'Once more, so that nobody does this at a screen you left.',
    passwordWrong: 'This is not your password.',
    codeWrong: 'Password or second factor is wrong, or the code was used. Wait for the next one.',
    next: 'Go on',
    scan:
      'Open the app (such as Aegis, Google Authenticator or your password manager) and scan ' +
      'this:',
    scanAlt: 'Code to scan with the authenticator app',
    orType: 'Or type this key into it:',
    code: 'Code',
    codeHint: 'The six digits the app shows now.',
    name: 'What you call it',
    nameHint: 'Such as the telephone it is on.',
    nameOfFirst: 'Authenticator app',
    confirm: 'Set up',
    codesTitle: 'Your recovery codes',
    codesBody:
      'Each lets you in once, should you lose the rest. Print them or save them where only you ' +
      'look. They are not shown again.',
    codesSave: 'Save as a file',
    codesDone: 'I have kept them',
    enrolTitle: 'Set up your second factor',
    enrolIntro: 'Your organisation asks for one. You can go on as soon as it is set up.',
    ruleTitle: 'Second factor',
    ruleBody:
      'Members of the roles chosen here need a passkey, or an app besides their password. Who ' +
      'has none can do nothing but set one up, from this moment on.',
    ruleLegend: 'Needed by',
    ruleSave: 'Require it of these roles',
    ruleSaved: 'Saved.',
    ruleNobody: 'Nobody needs one.',
    reset: 'Reset second factor',
    resetTitle: (email: string) => `Reset the second factor of ${email}?`,
    resetBody:
      'For somebody who has lost it. Make sure that it is they who ask: until they set up a new ' +
      'one, their password alone lets in. Their sessions end.',
    resetDone: (email: string) => `The second factor of ${email} was reset.`,
  },

  storage: {
    title: 'What you store',
    used: (files: number, most: number, size: string, room: string) =>
      `${files.toLocaleString('en')} of ${counted(most, 'file', 'files')}, ${size} of ${room}.`,
    hint:
      'Versions of questionnaires you wrote, tables you imported, logos you chose. ' +
      'Deleting a survey makes room.',
  },

  tokens: {
    title: 'API tokens',
    intro:
      'A token lets a program act with some of your rights. It is shown once, when it is made.',
    caption: 'API tokens of the organisation',
    new: 'New token',
    name: 'Name',
    nameHint: 'What uses it, so that you know which one to revoke.',
    days: 'Valid for so many days',
    daysHint: 'Empty: until it is revoked.',
    scopes: 'What it may do',
    scopesMissing: 'Choose at least one.',
    submit: 'Make token',
    madeTitle: 'Your new token',
    madeBody: 'Copy it now. It is not shown again.',
    label: 'Token',
    empty: 'No tokens',
    emptyHint: 'Programs need one to use the interface.',
    columns: {
      name: 'Name',
      scopes: 'May',
      created: 'Made',
      expires: 'Valid until',
      used: 'Last used',
    },
    noEnd: 'revoked',
    revoke: 'Revoke',
    revokeTitle: (name: string) => `Revoke “${name}”?`,
    revokeBody: 'Programs that use it are refused from the next request on.',
    revoked: 'The token was revoked.',
  },
} as const;
