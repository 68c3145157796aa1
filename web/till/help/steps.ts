/** The picture of each step: as many as a topic has steps in the texts, which the compiler sees to. */
import type { zh } from '../texts/zh.ts'
import * as draw from './pictures.tsx'
import type { HelpTopic } from './topics.ts'

type Texts = (typeof zh)['help']['topics']
type PicturesOf<Steps> = { readonly [Step in keyof Steps]: draw.Picture }

export const PICTURES: { readonly [Topic in HelpTopic]: PicturesOf<Texts[Topic]['steps']> } = {
  home: [draw.Gun, draw.Strip, draw.Tiles],
  scan: [draw.Gun, draw.Bill, draw.Typing],
  sale: [draw.Compare, draw.Room, draw.RefundAct],
  amount: [draw.ThreeWays, draw.Money, draw.Items],
  confirm: [draw.Room, draw.Reasons, draw.TwoPeople],
  result: [draw.Done, draw.Waits, draw.Person],
  slip: [draw.Printing, draw.Roll],
  pay: [draw.Money, draw.Gun, draw.Done],
  bills: [draw.Book, draw.Typing],
  approval: [draw.TwoPeople, draw.Pin, draw.Person],
  shift: [draw.Money, draw.Checklist, draw.Summary],
  slipCheck: [draw.Square, draw.CheckCode, draw.Verdict],
  notArrived: [draw.Receipt, draw.Questions, draw.Summary],
  rules: [draw.Book, draw.Judge],
  selfCheck: [draw.Checklist, draw.Gun, draw.Summary],
  https: [draw.Server, draw.Certificate, draw.Lock],
  signIn: [draw.Names, draw.Pin],
  enrol: [draw.TwoPeople, draw.Typing],
}
