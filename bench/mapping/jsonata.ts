import jsonata from "jsonata";
import { truncate, truncateUnits } from "../../src/template/builtins.ts";
import { channel } from "./cases.ts";
import { cdn, safe, visible } from "./hand.ts";

const attributes = `{
  "messenger": "line", "lineUserId": from.id,
  "lineConversation": conversation.type, "lineGroupName": conversation.name }`;

// A field whose value is missing vanishes by itself.
const sources: Readonly<Record<string, string>> = {
  text: `$visible(event.message.text) ?
    { "kind": "text", "text": $safe(event.message.text), "attributes": ${attributes} }`,
  sticker: `(
    $m := event.message;
    $type := $exists($m.stickerResourceType) ? $m.stickerResourceType : "STATIC";
    { "kind": "sticker", "pack": $m.packageId, "sticker": $m.stickerId,
      "animated": $substring($type, 0, 9) = "ANIMATION",
      "words": $m.keywords, "text": $m.text,
      "image": $channel.options.stickers != "off" ? { "url": $picture($m.stickerId), "type": "image/png" },
      "attributes": ${attributes} } )`,
  location: `(
    $m := event.message;
    { "kind": "location", "latitude": $m.latitude, "longitude": $m.longitude,
      "title": $m.title, "address": $m.address, "attributes": ${attributes} } )`,
  postback: `(
    $p := event.postback;
    { "kind": "action", "data": $p.data,
      "values": $exists($p.params) ? { "date": $p.params.date, "time": $p.params.time,
        "datetime": $p.params.datetime, "menu": $p.params.newRichMenuAliasId, "status": $p.params.status },
      "attributes": ${attributes} } )`,
  "flex receipt": `(
    $p := message.parameters;
    { "type": "flex",
      "altText": $truncateUnits($exists(message.text) ? message.text : "#" & $p.order & " " & $p.total, 400),
      "contents": { "type": "bubble",
        "body": { "type": "box", "layout": "vertical", "spacing": "md", "contents": [
          $exists($p.shop) ? { "type": "text", "wrap": true, "size": "sm", "color": "#06C755", "weight": "bold", "text": $p.shop },
          { "type": "text", "wrap": true, "size": "xl", "weight": "bold", "text": $exists($p.title) ? $p.title : "Receipt" },
          { "type": "text", "wrap": true, "size": "xs", "color": "#888888", "text": "#" & $p.order },
          { "type": "separator" },
          $p.items.{ "type": "box", "layout": "horizontal", "contents": [
            { "type": "text", "wrap": true, "size": "sm", "flex": 3, "text": $exists(name) ? name : "…" },
            { "type": "text", "wrap": true, "size": "sm", "flex": 2, "align": "end", "text": $exists(price) ? price : "…" } ] },
          { "type": "box", "layout": "horizontal", "contents": [
            { "type": "text", "size": "md", "weight": "bold", "flex": 2, "text": "Total" },
            { "type": "text", "wrap": true, "size": "md", "weight": "bold", "flex": 3, "align": "end", "text": $p.total } ] },
          $exists($p.note) ? { "type": "text", "wrap": true, "size": "xs", "color": "#888888", "text": $p.note } ] },
        "footer": $exists($p.link) ? { "type": "box", "layout": "vertical", "contents": [
          { "type": "button", "style": "link", "height": "sm",
            "action": { "type": "uri", "label": "#" & $truncate($p.order, 39), "uri": $p.link } } ] } } } )`,
};

const picture = (id: string) => `${cdn}/${encodeURIComponent(id)}/android/sticker.png`;

/** The same rules as JSONata. */
export function byJsonata(name: string): (input: unknown) => Promise<unknown> {
  const expression = jsonata(sources[name] ?? "");
  for (const [each, run] of Object.entries({ visible, safe, picture, truncate, truncateUnits })) {
    expression.registerFunction(each, run);
  }
  return (input) => expression.evaluate(input, { channel });
}
