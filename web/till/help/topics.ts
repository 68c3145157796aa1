/** What there is help about, in the order a newcomer would read it. A topic has its steps in the texts and its pictures. */
export const HELP_TOPICS = [
  'home',
  'scan',
  'sale',
  'amount',
  'confirm',
  'result',
  'slip',
  'pay',
  'bills',
  'approval',
  'shift',
  'slipCheck',
  'notArrived',
  'rules',
  'selfCheck',
  'https',
  'signIn',
  'enrol',
] as const
export type HelpTopic = (typeof HELP_TOPICS)[number]

/** A topic in an address that somebody kept or typed. */
export const topicOf = (text: string): HelpTopic | null =>
  HELP_TOPICS.find((each) => each === text) ?? null
