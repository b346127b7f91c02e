import jsonata from "jsonata";
import { truncate, truncateUnits } from "../../src/template/builtins.ts";
import { channel } from "./cases.ts";
import { safe, visible, words } from "./hand.ts";

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
      "image": $channel.options.stickers != "off" ? { "ref": "sticker:" & $m.stickerId & ":" & $type,
        "type": "image/png", "alt": $exists($m.text) ? $m.text : $join($m.keywords, ", ") },
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
    $title := $exists($p.title) ? $p.title : $words.receipt;
    { "type": "flex",
      "altText": $truncateUnits($exists($p.alt) ? $p.alt : $title & " #" & $p.order & " " & $p.total, 1500),
      "contents": { "type": "bubble",
        "hero": $exists($p.image) ? { "type": "image", "url": $p.image, "size": "full", "aspectRatio": "20:9", "aspectMode": "cover" },
        "body": { "type": "box", "layout": "vertical", "contents": [
          { "type": "text", "wrap": true, "size": "sm", "color": "#06C755", "weight": "bold", "text": $title },
          $exists($p.shop) ? { "type": "text", "wrap": true, "size": "xl", "margin": "sm", "weight": "bold", "text": $p.shop },
          { "type": "text", "wrap": true, "size": "xs", "margin": "sm", "color": "#8C8C8C", "text": $words.order & " #" & $p.order },
          { "type": "separator", "margin": "lg" },
          $p.items.{ "type": "box", "layout": "horizontal", "margin": "md", "spacing": "sm", "contents": [
            { "type": "text", "wrap": true, "size": "sm", "color": "#555555", "flex": 3, "text": $exists(name) ? name : "…" },
            { "type": "text", "wrap": true, "size": "sm", "color": "#111111", "flex": 2, "align": "end", "text": $exists(price) ? price : " " } ] },
          $exists($p.items) ? { "type": "separator", "margin": "lg" },
          { "type": "box", "layout": "horizontal", "margin": "lg", "contents": [
            { "type": "text", "size": "md", "weight": "bold", "flex": 2, "gravity": "bottom", "text": $words.total },
            { "type": "text", "wrap": true, "size": "xl", "weight": "bold", "flex": 3, "align": "end", "text": $p.total } ] },
          $exists($p.note) ? { "type": "text", "wrap": true, "size": "xs", "margin": "lg", "color": "#8C8C8C", "text": $p.note } ] },
        "footer": $length($p.link) <= 1000 ? { "type": "box", "layout": "vertical", "contents": [
          { "type": "button", "style": "link", "height": "sm",
            "action": { "type": "uri", "label": $truncate($words.details, 40), "uri": $p.link } } ] } } } )`,
};

/** The same rules as JSONata. */
export function byJsonata(name: string): (input: unknown) => Promise<unknown> {
  const expression = jsonata(sources[name] ?? "");
  for (const [each, run] of Object.entries({ visible, safe, truncate, truncateUnits })) {
    expression.registerFunction(each, run);
  }
  return (input) => expression.evaluate(input, { channel, words });
}
