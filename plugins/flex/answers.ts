/** What a tap on a layout's button says. */
export interface LayoutAnswer {
  /** The source's id of the message that the layout was asked for with. */
  readonly message: string;
  readonly layout: string;
  readonly value: string;
}

const prefix = "layout-answer:";

/** The data behind a layout's button: which message it answers, and how. */
export function answer(message: string, layout: string, value: string): string {
  return `${prefix}${encodeURIComponent(message)}/${encodeURIComponent(layout)}/${value}`;
}

/** Reads what {@link answer} made; an empty map when the data is of another button. */
export function answered(data: string): LayoutAnswer | Record<string, never> {
  if (!data.startsWith(prefix)) return {};
  const [message = "", layout = "", ...value] = data.slice(prefix.length).split("/");
  try {
    const [id, name] = [decodeURIComponent(message), decodeURIComponent(layout)];
    return id === "" ? {} : { message: id, layout: name, value: value.join("/") };
  } catch {
    // Cut or made up: no answer of ours.
    return {};
  }
}
