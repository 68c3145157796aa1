/** A sentence aloud: recorded, and where that cannot be heard by the device's own voice, if it has one. */
import { currentLanguage } from '../../shared/language.ts'
import { speakOnDevice } from '../device/device.ts'
import { speak } from './speak.ts'
import type { Sentence } from './words.ts'

/** @param words the same for a voice that reads. */
export const say = (sentence: Sentence, fen: number, words: string): void =>
  void speak(sentence, fen).catch(() => speakOnDevice(words, currentLanguage()))
