import { Liquid } from "liquidjs";
import { truncate, truncateUnits } from "../../src/template/builtins.ts";
import { channel } from "./cases.ts";
import { cdn, safe, visible } from "./hand.ts";

const attributes = `"attributes": { "messenger": "line"
  {% if from.id %}, "lineUserId": {{ from.id | json }}{% endif %}, "lineConversation": {{ conversation.type | json }}
  {% if conversation.name %}, "lineGroupName": {{ conversation.name | json }}{% endif %} }`;
const optional = (field: string, value: string) =>
  `{% if ${value} %}"${field}": {{ ${value} | json }},{% endif %}`;
const text = `"type": "text", "wrap": true`;

/** Liquid makes text: JSON by hand, each value through `json`, and the whole is parsed again. */
const sources: Readonly<Record<string, string>> = {
  text: `{% assign seen = event.message.text | visible %}{% if seen %}
    { "kind": "text", "text": {{ event.message.text | safe | json }}, ${attributes} }{% endif %}`,
  sticker: `{% assign m = event.message %}{% assign type = m.stickerResourceType | default: "STATIC" | slice: 0, 9 %}
    { "kind": "sticker", ${optional("pack", "m.packageId")} "sticker": {{ m.stickerId | json }},
      "animated": {% if type == "ANIMATION" %}true{% else %}false{% endif %},
      ${optional("words", "m.keywords")} ${optional("text", "m.text")}
      {% if channel.options.stickers != "off" %}
        "image": { "url": {{ m.stickerId | picture | json }}, "type": "image/png" },{% endif %}
      ${attributes} }`,
  location: `{% assign m = event.message %}
    { "kind": "location", "latitude": {{ m.latitude | json }}, "longitude": {{ m.longitude | json }},
      ${optional("title", "m.title")} ${optional("address", "m.address")} ${attributes} }`,
  postback: `{% assign p = event.postback %}
    { "kind": "action", ${optional("data", "p.data")}
      {% if p.params %}"values": {
        ${optional("date", "p.params.date")} ${optional("time", "p.params.time")}
        {% if p.params.datetime %}"datetime": {{ p.params.datetime | json }}{% endif %} },{% endif %}
      ${attributes} }`,
  "flex receipt": `{% assign p = message.parameters %}{% capture alt %}#{{ p.order }} {{ p.total }}{% endcapture %}
    { "type": "flex", "altText": {{ message.text | default: alt | truncate_units: 400 | json }},
      "contents": { "type": "bubble",
        "body": { "type": "box", "layout": "vertical", "spacing": "md", "contents": [
          {% if p.shop %}{ ${text}, "size": "sm", "color": "#06C755", "weight": "bold", "text": {{ p.shop | json }} },{% endif %}
          { ${text}, "size": "xl", "weight": "bold", "text": {{ p.title | default: "Receipt" | json }} },
          { ${text}, "size": "xs", "color": "#888888", "text": {{ p.order | prepend: "#" | json }} },
          { "type": "separator" },
          {% for item in p.items %}{ "type": "box", "layout": "horizontal", "contents": [
            { ${text}, "size": "sm", "flex": 3, "text": {{ item.name | default: "…" | json }} },
            { ${text}, "size": "sm", "flex": 2, "align": "end", "text": {{ item.price | default: "…" | json }} } ] },{% endfor %}
          { "type": "box", "layout": "horizontal", "contents": [
            { "type": "text", "size": "md", "weight": "bold", "flex": 2, "text": "Total" },
            { ${text}, "size": "md", "weight": "bold", "flex": 3, "align": "end", "text": {{ p.total | json }} } ] }
          {% if p.note %}, { ${text}, "size": "xs", "color": "#888888", "text": {{ p.note | json }} }{% endif %} ] }
        {% if p.link %}, "footer": { "type": "box", "layout": "vertical", "contents": [
          { "type": "button", "style": "link", "height": "sm",
            "action": { "type": "uri", "label": {{ p.order | truncate_characters: 39 | prepend: "#" | json }}, "uri": {{ p.link | json }} } } ] }{% endif %} } }`,
};

const liquid = new Liquid();
liquid.registerFilter("visible", visible);
liquid.registerFilter("safe", safe);
liquid.registerFilter("truncate_characters", truncate);
liquid.registerFilter("truncate_units", truncateUnits);
liquid.registerFilter(
  "picture",
  (id: string) => `${cdn}/${encodeURIComponent(id)}/android/sticker.png`,
);

/** The same rules as Liquid templates. */
export function byLiquid(name: string): (input: object) => unknown {
  const template = liquid.parse(sources[name] ?? "");
  return (input) => JSON.parse(liquid.renderSync(template, { ...input, channel })) as unknown;
}
