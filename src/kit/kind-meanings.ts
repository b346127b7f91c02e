import type { Kind } from "./message.ts";

/** What a message of each kind says, for the reference. */
export const kindMeanings: Readonly<Record<Kind, string>> = {
  text: "What somebody wrote.",
  image: "A picture.",
  video: "A film.",
  audio: "A sound or spoken message.",
  file: "Any other file.",
  sticker: "A sticker: its own id, and what can stand for it where it cannot be shown.",
  location: "A place on the map.",
  contact: "A person's name, phone numbers and addresses.",
  choices: "A question with buttons or quick replies.",
  card: "A title with text, picture and buttons.",
  carousel: "Cards side by side.",
  template: "A layout by its name, with parameters; `text` stands for it where there is no layout.",
  action: "Somebody used a button, menu or picker.",
  edited: "An earlier message was changed.",
  deleted: "An earlier message was taken back.",
  followed: "Somebody added the account as a friend, or unblocked it.",
  unfollowed: "Somebody blocked or removed the account.",
  joined: "People, or the account itself, came into a group.",
  left: "People, or the account itself, left a group.",
  typing: "Somebody is writing. Passing: never stored or retried.",
  read: "Somebody has read the conversation up to a message.",
  receipt: "What became of a message of ours.",
  notice: "A sentence of the gateway itself, for the person who reads.",
  other: "Something that no other kind is for; it is shown as a notice and never vanishes.",
};
