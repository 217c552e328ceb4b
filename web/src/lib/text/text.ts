// Every word the console says. Pages take their wording from here and hold none of their own.
const counted = (n: number, one: string, many: string): string =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

export const text = {
  product: 'Probity',
  skip: 'Skip to the content',
  loading: 'Loading…',
  more: 'Show more',
  retry: 'Try again',
  save: 'Save',
  cancel: 'Cancel',
  close: 'Close',
  undo: 'Undo',
  copy: 'Copy',
  copied: 'Copied',
  delete: 'Delete',
  saved: 'Saved.',
  none: '—',
  never: 'Never',
  actions: 'Actions',
  backTo: (what: string) => `Back to ${what}`,
  requestId: (id: string) => `If you ask somebody about it, give this number: ${id}`,
  retryAfter: (s: number) => `Try again in ${counted(s, 'second', 'seconds')}.`,

  problems: {
    unreachable:
      'The server cannot be reached. Nothing was changed. Check the connection and try again.',
    unexpected: 'Something went wrong in this page. Nothing more is known. Try again.',
    bad_credentials: 'Organisation, e-mail address, password or code is wrong.',
    mfa_required: 'Type the code of your authenticator app.',
    enrolment_required: 'Set up a second factor first.',
    csrf: 'This page is out of date. Reload it and try again.',
    not_found: 'There is nothing here. It may have been deleted.',
    precondition_failed:
      'Somebody else changed this in the meantime. Look at it again before you save.',
    overloaded: 'The server is busy. Try again in a moment.',
    deadline_exceeded: 'It took too long and was stopped. Try again.',
    storage_full: 'The server’s disk is nearly full; nothing was stored.',
    session_expired: 'Your session has ended. Log in again.',
    unauthenticated: 'Log in first.',
    not_built: 'This is not built yet.',
  },

  nav: {
    label: 'Console',
    menu: 'Menu',
    work: 'Work',
    organisation: 'Organisation',
    trust: 'Trust',
    account: 'Your account',
    surveys: 'Surveys',
    members: 'Members',
    tokens: 'API tokens',
    approvals: 'Approvals',
    settings: 'Settings',
    export: 'Take data out',
    statement: 'Security statement',
    evidence: 'Evidence',
    privacy: 'Privacy inventory',
    audit: 'Audit log',
    sessions: 'Sessions and password',
    logOut: 'Log out',
    theme: 'Colours',
    themes: [
      ['system', 'As the system'],
      ['light', 'Light'],
      ['dark', 'Dark'],
    ] as const,
  },

  login: {
    title: 'Log in',
    intro: 'The console is for people who work with surveys here.',
    tenant: 'Organisation (short name)',
    email: 'E-mail address',
    password: 'Password',
    code: 'Code of your authenticator app, or a recovery code',
    submit: 'Log in',
    endedTitle: 'Your session has ended',
    ended: 'Log in again to go on. What you typed is still here.',
    someoneElse: 'Log in as somebody else',
    failedTitle: 'The console could not start',
  },

  leave: {
    title: 'Leave without saving?',
    body: 'What you typed on this page is not saved yet.',
    stay: 'Stay',
    leave: 'Leave and lose it',
  },

  missing: {
    title: 'There is nothing at this address',
    body: 'Check that it is complete, or begin with the surveys.',
    forbiddenTitle: 'This is not for your role',
    forbidden: (role: string) =>
      `You are logged in as ${role}. Somebody who manages members can give you another role.`,
    nothing: 'Your account has no role yet, so there is nothing to show. Ask an owner for one.',
  },

  merge: {
    title: 'Somebody else saved in the meantime',
    taken:
      'What they changed is in the form now, beside what you typed. Look at it and save again.',
    decide: 'Both of you changed these. The form keeps what you typed; stored now is:',
    nothing: 'nothing',
  },

  roles: {
    none: 'No role',
    owner: 'Owner',
    editor: 'Editor',
    analyst: 'Analyst',
    auditor: 'Auditor',
  },
  roleHints: {
    none: 'Sees nothing but the own account.',
    owner: 'Everything, including members, settings and deletion.',
    editor: 'Makes and publishes surveys, reads reports and responses.',
    analyst: 'Reads surveys, reports and responses.',
    auditor: 'Sees how the organisation is run, never what respondents said.',
  },

  surveys: {
    title: 'Surveys',
    caption: 'Surveys of the organisation',
    new: 'New survey',
    import: 'Import',
    importLong: 'Import one from another tool',
    search: 'Search titles',
    filter: 'Status',
    all: 'All',
    empty: 'No surveys yet',
    emptyEditor: 'A survey begins as a draft. Nobody can answer until it is published.',
    emptyReader: 'When an editor makes one, it appears here.',
    nothingFits: 'No survey fits what you are looking for.',
    columns: {
      title: 'Title',
      status: 'Status',
      mode: 'Respondents',
      responses: 'Responses',
      updated: 'Changed',
    },
    status: { draft: 'Draft', open: 'Open', closed: 'Closed' },
    modes: { anonymous: 'Anonymous', confidential: 'Confidential', identified: 'Identified' },
    modeHints: {
      anonymous: 'Stores the answers and the hour. Nobody can tell who answered.',
      confidential: 'Also stores the shortened network address and the minute.',
      identified: 'Respondents are asked who they are.',
    },
    draftChanges: 'unpublished changes',
    created: (title: string) => `“${title}” was made as a draft.`,
  },

  newSurvey: {
    title: 'New survey',
    name: 'Title',
    nameHint: 'Respondents see it above the questions.',
    mode: 'What is known about respondents',
    modeHint: 'This cannot be changed later: it is a promise to those who answer.',
    file: 'Questionnaire from a file',
    fileHint: 'Optional: a questionnaire in SurveyJS JSON, such as an export of another survey.',
    fileWrong: 'This file is not JSON.',
    begin: 'Begin with',
    blank: 'An empty questionnaire',
    templateFacts: (languages: string, minutes: number) =>
      `In ${languages}; about ${counted(minutes, 'minute', 'minutes')} to answer.`,
    template: (title: string, n: number) => `${title} (${counted(n, 'question', 'questions')})`,
    submit: 'Make draft',
  },

  share: {
    code: 'QR code',
    codeAlt: 'QR code of the link for respondents',
    codeHint: 'For paper and screens. It leads to the link above.',
    codeSvg: 'Download SVG',
    codePng: 'Download PNG',
    print: 'Print',
    kiosk: 'Link for a shared screen',
    kioskHint:
      'Nothing stays in the browser. The survey begins anew after it was sent, and when nobody ' +
      'has touched it for a while.',
    embed: 'In a page of yours',
    embedNone: 'Name the site below, and what to put into its page appears here.',
    embedCode: 'Put this into the page',
    copyCode: 'Copy',
    look: 'How the pages look',
    logo: 'Logo',
    logoHint: 'PNG, JPEG or WebP, at most 64 KiB and 2,000 pixels a side.',
    logoNow: 'The logo now',
    logoRemove: 'Remove the logo',
    logoStored: 'The logo is on every page now.',
    logoRemoved: 'The logo was removed.',
    logoAlt: 'What the logo says',
    logoAltHint: 'Read to those who do not see it. Empty if it only decorates.',
    colour: 'Colour of buttons and links',
    colourHint: 'Six digits such as #1f4f8f. It has to be readable on the page.',
    imprint: 'Imprint',
    imprintHint: 'A line below every page: who is responsible.',
    imprintUrl: 'Address of the imprint',
    imprintUrlHint: 'Begins with https://.',
    origin: 'Site that may show the survey in a frame',
    originHint: 'Such as https://example.org, without anything behind the host.',
  },
  answering: {
    title: 'How it is answered',
    labels: {
      review: 'Show all answers once more before they are sent',
      keep_locally: 'Offer to keep answers in the respondent’s browser',
      receipt: 'Give a receipt',
      thanks: 'Thanks',
      redirect: 'Address the page of thanks leads on to',
      closed: 'What a closed survey says',
      trap: 'A field that only programs fill in',
      seconds_min: 'Seconds from opening to sending, at least',
      per_minute: 'Responses in a minute, at most',
      kiosk_idle_s: 'Seconds after which a shared screen that nobody touches begins anew',
    },
    hints: {
      review: 'Each with a way back to it.',
      keep_locally: 'Until they are sent, for at most seven days; a respondent can say no.',
      receipt: 'With it a respondent can check later that the answers are still stored.',
      thanks: 'Instead of ours. An empty line begins a paragraph.',
      redirect: 'Begins with https://. The link names its host; nobody is sent there unasked.',
      closed: 'Instead of ours.',
      trap: 'Who fills it in is asked once more, and nothing is lost.',
      seconds_min: '0 to 60. Who is quicker is asked to press the button again. 0 takes any.',
      per_minute: '0 to 100,000. What comes beyond that is asked to wait. 0 takes any number.',
      kiosk_idle_s: '15 to 3,600. What was typed until then is gone.',
    },
    wrongNumber: 'A whole number.',
  },

  survey: {
    tabs: 'Pages of this survey',
    overview: 'Overview',
    questions: 'Questions',
    report: 'Report',
    responses: 'Responses',
    share: 'Share',
    versions: 'Versions',
    settings: 'Settings',
    copy: 'Make a copy',
    copyHint: 'A draft with the same questions; link, dates and responses are not copied.',
    copied: (title: string) => `“${title}” is a draft of its own now.`,
    publish: 'Publish',
    publishChanges: 'Publish changes',
    close: 'Close',
    reopen: 'Reopen',
    published: 'Published. The link below takes answers now.',
    publishTitle: 'Publish these changes?',
    publishBody:
      'Respondents see them from now on; the link stays. Answers that are there keep the ' +
      'version they were given to.',
    notSaved: 'The last changes in the editor are not saved yet. Put them right first.',
    closed: 'Closed. The link takes no more answers.',
    reopened: 'Open again.',
    delete: 'Delete survey',
    deleteTitle: 'Delete this survey for good?',
    deleteBody: (n: number) =>
      n === 0
        ? 'It has no responses. It cannot be brought back.'
        : `Its ${counted(n, 'response goes', 'responses go')} with it and cannot be brought back.`,
    deleteConfirm: (title: string) => `Type the title to go on: ${title}`,
    deleteLabel: 'Title of the survey',
    deleted: 'The survey was deleted.',
    link: 'Link for respondents',
    linkHint: 'Whoever has the link can answer while the survey is open.',
    linkOpen: 'Open as a respondent',
    noLink: 'The link is made when the survey is published.',
    facts: 'Facts',
    factNames: {
      status: 'Status',
      responses: 'Responses',
      mode: 'Respondents',
      version: 'Version',
      window: 'Takes answers',
      cap: 'At most',
      retention: 'Responses are kept',
      created: 'Made',
      updated: 'Changed',
    },
    versionOf: (published: number | null, newest: number) =>
      published === null
        ? 'not published'
        : published === newest
          ? `${published}`
          : `${published}; draft ${newest} is not published`,
    window: (from: string, to: string) =>
      from && to
        ? `${from} to ${to}`
        : from
          ? `from ${from}`
          : to
            ? `until ${to}`
            : 'while it is open',
    cap: (n: number | null) => (n === null ? 'no limit' : counted(n, 'response', 'responses')),
    retention: (n: number | null) =>
      n === null ? 'until they are deleted' : counted(n, 'day', 'days'),
    outline: 'Questions',
    outlineEmpty: 'The questionnaire asks nothing yet.',
    types: {
      text: 'short text',
      comment: 'long text',
      radiogroup: 'one of a list',
      dropdown: 'one of a list',
      checkbox: 'several of a list',
      tagbox: 'several of a list',
      boolean: 'yes or no',
      rating: 'scale',
      ranking: 'ranking',
      matrix: 'table of scales',
      matrixdropdown: 'table',
      matrixdynamic: 'table with rows',
      multipletext: 'several short texts',
      imagepicker: 'pictures',
      slider: 'slider',
      html: 'text to read',
      expression: 'computed',
      file: 'file',
      signaturepad: 'signature',
      paneldynamic: 'repeated group',
      image: 'picture',
    } as Readonly<Record<string, string>>,
    warnings: 'What could not be taken over',
  },

  settingsOf: {
    title: 'Settings',
    opens: 'Opens',
    opensHint: 'In your time zone. Empty: as soon as it is published.',
    closes: 'Closes',
    closesHint: 'In your time zone. Empty: when somebody closes it.',
    cap: 'At most so many responses',
    capHint: 'Empty: no limit.',
    retention: 'Delete responses after so many days',
    retentionHint: 'Empty: they stay until the survey is deleted.',
    wrongNumber: 'A whole number of 1 or more, or nothing.',
    danger: 'Delete',
  },

  differences: {
    none: 'Nothing differs.',
    heads: {
      added: 'Added',
      removed: 'Removed',
      changed: 'Changed',
      moved: 'Moved',
      survey: 'The survey as a whole',
    },
  },

  versions: {
    caption: 'Versions of the questionnaire',
    changes: (n: number, before: number) => `What version ${n} changed in version ${before}`,
    show: 'What changed',
    hide: 'Hide what changed',
    of: (n: number) => `in version ${n}`,
    preview: 'Look at it',
    again: 'Use as draft',
    againTitle: (n: number) => `Make version ${n} the draft?`,
    againBody:
      'Its questions become the draft, in place of the draft there is. Nothing is published ' +
      'by that.',
    madeDraft: (n: number) => `Version ${n} is the draft now.`,
    empty: 'No version yet.',
    columns: { version: 'Version', state: 'State', published: 'Published', more: 'More' },
    draft: 'Draft',
    current: 'In use',
    old: 'Earlier',
  },

  responses: {
    caption: 'Single responses',
    recorded:
      'Reading single responses is confidential; each reading is on record in the audit log.',
    empty: 'No responses yet',
    emptyHint: 'They appear here when somebody has answered.',
    columns: { received: 'Received', version: 'Version', answers: 'Answers' },
    hour: 'within the hour',
    erase: 'Erase',
    eraseTitle: 'Erase this response for good?',
    eraseBody:
      'A respondent may ask for this. It disappears from report and export and cannot ' +
      'be brought back.',
    erased: 'The response was erased.',
    noAnswers: 'Nothing was answered.',
    exportTitle: 'Export',
    exportHint: 'All responses with their answers. Who exports is on record.',
    csv: 'CSV for spreadsheets',
    jsonl: 'JSON Lines for programs',
  },

  report: {
    responses: (n: number) => counted(n, 'response', 'responses'),
    empty: 'Nothing to report yet',
    emptyHint: 'The report fills as responses come in.',
    caption: (title: string) => `Numbers of “${title}”`,
    tools: 'What is shown',
    filter: 'Only responses that answered',
    filterHint: 'Several conditions must all hold.',
    question: 'Question',
    anyQuestion: 'Choose a question',
    answer: 'Answer',
    anyAnswer: 'Choose an answer',
    least: 'From',
    most: 'To',
    add: 'Add',
    remove: 'Take away',
    from: 'From day',
    to: 'Before day',
    dates: 'Period (UTC)',
    compare: 'Compare with',
    compareKinds: { none: 'nothing', answer: 'another answer', period: 'another period' },
    compareFrom: 'Compared from day',
    compareTo: 'Compared before day',
    everybody: 'All responses',
    show: 'Show',
    clear: 'Show everything',
    live: 'Updates by itself',
    updated: (at: string) => `As of ${at}`,
    print: 'Print',
    pdf: 'PDF',
    xlsx: 'Workbook (XLSX)',
    files: 'The report as a file',
    svg: 'Picture as SVG',
    png: 'PNG',
    table: (n: number) => `Table with ${n.toLocaleString('en')} rows`,
    comments: 'Read and search comments',
    search: 'Search',
    commentsEmpty: 'Nobody wrote that.',
    commentsFew: 'Too few people wrote something to show it.',
    commentsCaption: (title: string) => `Comments on “${title}”`,
    words: 'Show frequent words',
    noWords: 'No word is said by enough people to show it.',
    second: (n: number) => `compared with ${counted(n, 'response', 'responses')}`,
    between: (from: string, to: string) =>
      [from && `from ${from}`, to && `before ${to}`].filter(Boolean).join(' '),
  },

  reportLinks: {
    title: 'Links for others',
    hint: 'Whoever has the link reads this report without an account, until it expires.',
    hintSome:
      'Whoever has the link reads this report as it is chosen above, without an account, until ' +
      'it expires.',
    name: 'What it is for',
    expires: 'Expires after',
    periods: [
      [1, 'an hour'],
      [24, 'a day'],
      [168, 'a week'],
      [720, '30 days'],
      [2160, '90 days'],
      [8760, 'a year'],
    ] as const,
    make: 'Make link',
    made: 'Link to the report',
    once: 'This link is shown only now. Whoever has it can read the report.',
    none: 'There are no links.',
    list: 'Links to this report',
    unnamed: 'Without a name',
    state: (made: string, ends: string, isOver: boolean) =>
      isOver ? `made ${made}, expired ${ends}` : `made ${made}, until ${ends}`,
    revoke: 'Take away',
  },

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
    passwordHint:
      'At least 15 characters; several words are easy to remember. All your sessions ' +
      'end, and you log in with the new one.',
    currentPassword: 'Current password',
    newPassword: 'New password',
    noNetwork: 'not kept',
  },

  factors: {
    title: 'Second factor',
    none:
      'Whoever knows your password can log in as you. With an authenticator app on your ' +
      'telephone they cannot: it shows six digits that change every half minute.',
    caption: 'Your authenticator apps',
    columns: { name: 'Name', created: 'Set up', used: 'Last log-in' },
    add: 'Set up an authenticator app',
    addMore: 'Set up another app',
    remove: 'Remove',
    removeTitle: (name: string) => `Remove “${name}”?`,
    removeBody: 'Its codes no longer let anybody in. Your other sessions end.',
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
    next: 'Go on',
    scan: 'Open the app (such as Aegis, Google Authenticator or your password manager) and scan this:',
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
      'Each lets you in once, should you lose the app. Print them or save them where only you ' +
      'look. They are not shown again.',
    codesSave: 'Save as a file',
    codesDone: 'I have kept them',
    enrolTitle: 'Set up your second factor',
    enrolIntro:
      'Your organisation asks for one. You can go on as soon as an authenticator app is set up.',
    ruleTitle: 'Second factor',
    ruleBody:
      'Members of the roles chosen here need an authenticator app besides their password. Who has ' +
      'none can do nothing but set one up, from this moment on.',
    ruleLegend: 'Needed by',
    ruleSave: 'Save who needs one',
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

  settings: {
    title: 'Settings',
    organisation: 'Name of the organisation',
    organisationHint: 'Respondents see it above each survey.',
    contact: 'Privacy contact',
    contactHint: 'Whom respondents can ask; shown on the privacy page.',
    idle: 'End a session after so many minutes without activity',
    idleHint: 'From 5 to 240.',
    address: 'Network addresses of respondents are kept as',
    addressHint: 'Only in surveys that are not anonymous.',
    addresses: {
      'v4/24': 'First three parts (192.0.2.0)',
      'v4/16': 'First two parts (192.0.0.0)',
      'v4/8': 'First part (192.0.0.0/8)',
      none: 'Not at all',
    },
    group: 'Smallest group that is shown',
    groupHint:
      'A group of fewer people is not shown, and answers that fewer gave are pooled with others. ' +
      'From 5 to 1000.',
    readOnly: 'Your role may look at these settings but not change them.',
  },

  approvals: {
    title: 'Approvals',
    intro:
      'What cannot be taken back and waits for a second person: somebody asks, somebody else ' +
      'approves, and then it is done.',
    empty: 'Nothing waits',
    emptyHint:
      'Under Settings, an owner can have two people decide what cannot be taken back. Requests ' +
      'wait here for 7 days, and are shown for 30 more.',
    columns: { what: 'What', asker: 'Asked by', asked: 'Asked', state: 'State' },
    you: 'You',
    gone: 'a deleted member',
    what: {
      'survey.delete': 'Delete a survey with its responses',
      'survey.shorten_retention': 'Keep responses for fewer days',
      'response.erase': 'Erase one response',
      'tenant.export': 'Take everything out',
      'settings.end_approvals': 'Let one person decide alone again',
    } as Readonly<Record<string, string>>,
    days: (from: number | null, to: number) =>
      `from ${from === null ? 'no limit' : `${from} days`} to ${to} ${to === 1 ? 'day' : 'days'}`,
    survey: (title: string, responses: number) =>
      `Survey “${title}”, ${responses} ${responses === 1 ? 'response' : 'responses'}`,
    surveyChanged: 'changed since it was asked for',
    surveyGone: 'A survey that is deleted',
    waiting: 'Waiting',
    over: 'Decided or expired',
    states: {
      open: 'Waits',
      approved: 'Approved',
      refused: 'Refused',
      withdrawn: 'Withdrawn',
      expired: 'Expired',
    },
    until: (at: string) => `until ${at}`,
    approve: 'Approve',
    refuse: 'Refuse',
    withdraw: 'Withdraw',
    approveTitle: 'Approve, and do it now?',
    approveBody: (what: string, asker: string) =>
      `${what}. ${asker} asked for it; it is done as soon as you approve, and nobody can take it ` +
      'back.',
    approved: 'It was approved and done.',
    refused: 'It was refused.',
    withdrawn: 'It was withdrawn.',
    asked: 'Asked for. It is done when a second person approves it, under Approvals.',
    ruleTitle: 'Two people decide',
    ruleOn:
      'What cannot be taken back takes a second person here: deleting a survey with responses, ' +
      'erasing a response, keeping responses for fewer days, taking everything out.',
    ruleOff: 'One person can delete a survey with its responses, or take everything out, alone.',
    ruleNeeds:
      'Whoever approves may do the same themselves, and their account, role and password have ' +
      'been as they are for a day. See first that there are two owners: only an owner can ' +
      'approve that everything is taken out, or that this ends.',
    begin: 'Ask for a second person',
    beginTitle: 'Ask for a second person from now on?',
    begun: 'From now on two people decide.',
    end: 'End this',
    endTitle: 'Ask another owner to end this?',
    endBody: 'It ends when another owner approves it.',
    ownArchive: 'Download archive',
  },

  audit: {
    title: 'Audit log',
    intro:
      'Who did what, newest first. Each entry carries the hash of the one before, so ' +
      'nothing can be taken out unseen. Reading this is on record too.',
    caption: 'Entries of the audit log',
    columns: {
      at: 'When',
      action: 'What',
      actor: 'By',
      object: 'On',
      outcome: 'Outcome',
      seq: 'No.',
    },
    detail: 'Detail',
    hash: 'Hash',
    filter: 'Show only what says',
    empty: 'No entry fits.',
  },

  privacy: {
    title: 'Privacy inventory',
    intro: 'Every stored column that says something about a person. Nothing else is stored.',
    caption: 'Personal data that is stored',
    columns: {
      what: 'What',
      purpose: 'What for',
      retention: 'How long',
      storage: 'How it is stored',
    },
    publicPage: 'Public privacy page',
  },

  evidence: {
    title: 'Evidence',
    intro:
      'Documents behind those sentences of the security statement that no program can ' +
      'measure: contracts, certificates, reports.',
    caption: 'Evidence records',
    new: 'File evidence',
    empty: 'No evidence filed',
    emptyHint: 'Sentences that need a document are shown as not known until one is filed.',
    columns: {
      kind: 'Kind',
      issuer: 'Issuer',
      owner: 'Answers for it',
      issued: 'Issued',
      expires: 'Expires',
    },
    kind: 'Kind',
    issuer: 'Who issued it',
    owner: 'Who answers for it',
    issued: 'Issued on',
    expires: 'Expires on',
    file: 'The document',
    fileHint: 'Only its SHA-256 hash is sent; the document stays with you.',
    submit: 'File',
    filed: 'The evidence was filed.',
    deleteTitle: 'Delete this evidence record?',
    deleteBody: 'Sentences that rest on it are shown as not known again.',
    deleted: 'The record was deleted.',
    expired: 'expired',
    notHere: 'Evidence is kept by the organisation that runs this server.',
  },

  statement: {
    title: 'Security statement',
    intro: 'What this server promises, and what it measured of itself. Everybody can read it.',
    publicPage: 'Public page',
    versions: 'Earlier versions',
    document: 'Signed document (JSON)',
    statuses: {
      held: 'Held',
      broken: 'Broken',
      off: 'Switched off',
      unknown: 'Not known',
      not_built: 'Not built',
    },
    methods: {
      LIVE: 'measured while running',
      DRILL: 'proved by a drill',
      TEST: 'proved by a test',
      EVIDENCE: 'by a document',
    },
    measured: (at: string) => `Measured ${at}`,
    notMeasured: 'Not measured yet',
    generated: (version: number, at: string) => `Version ${version}, ${at}`,
    filter: 'Show',
    all: 'All sentences',
    search: 'Search sentences',
    nothingFits: 'No sentence fits.',
    limits: 'What a statement cannot say',
    seesNot: 'Does not see: ',
    counts: (held: number, all: number) => `${held} of ${all} sentences held`,
    testMode: 'This server runs in test mode; its statement does not count.',
  },

  export: {
    title: 'Take data out',
    intro:
      'One archive with everything the organisation stored here: surveys, responses, ' +
      'members, settings, audit log. It is readable without this program and can be ' +
      'imported by another server.',
    warning: 'The archive is not encrypted. Keep it like the answers themselves.',
    make: 'Make archive',
    ready: 'The archive is made while it is downloaded.',
    download: 'Download archive',
    until: (at: string) => `The link works until ${at}, for those who may export.`,
    backups:
      'Backups of the whole server are made by its operators with “probity backup”; ' +
      'they are sealed and tested by restoring them.',
  },
};

export const permissionNames: Readonly<Record<string, string>> = {
  'surveys.read': 'See surveys',
  'surveys.edit': 'Make and change surveys',
  'reports.read': 'Read reports',
  'responses.read': 'Read single responses',
  'responses.erase': 'Erase responses',
  'users.read': 'See members',
  'users.manage': 'Manage members',
  'settings.read': 'See settings',
  'settings.manage': 'Change settings',
  'tokens.manage': 'Manage API tokens',
  'audit.read': 'Read the audit log',
  'tenant.export': 'Export everything',
  'evidence.read': 'See evidence',
  'evidence.manage': 'File evidence',
  'privacy.read': 'See the privacy inventory',
};
