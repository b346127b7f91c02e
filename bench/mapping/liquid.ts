import { Liquid } from "liquidjs";
import { truncate, truncateUnits } from "../../src/template/builtins.ts";
import { channel } from "./cases.ts";
import { safe, visible, words } from "./hand.ts";

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
  sticker: `{% assign m = event.message %}
    {% assign kind = m.stickerResourceType | default: "STATIC" %}{% assign type = kind | slice: 0, 9 %}
    {% assign keywords = m.keywords | join: ", " | default: "Sticker" %}
    { "kind": "sticker", ${optional("pack", "m.packageId")} "sticker": {{ m.stickerId | json }},
      "animated": {% if type == "ANIMATION" %}true{% else %}false{% endif %},
      ${optional("words", "m.keywords")} ${optional("text", "m.text")}
      {% if channel.options.stickers != "off" %}
        "image": { "ref": {{ m.stickerId | prepend: "sticker:" | append: ":" | append: kind | json }},
          "type": "image/png", "alt": {{ m.text | default: keywords | json }} },{% endif %}
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
  "flex receipt": `{% assign p = message.parameters %}{% assign title = p.title | default: words.receipt %}
    {% capture alt %}{{ title }} #{{ p.order }} {{ p.total }}{% endcapture %}
    { "type": "flex", "altText": {{ p.alt | default: alt | truncate_units: 1500 | json }},
      "contents": { "type": "bubble",
        {% if p.image %}"hero": { "type": "image", "url": {{ p.image | json }}, "size": "full", "aspectRatio": "20:9", "aspectMode": "cover" },{% endif %}
        "body": { "type": "box", "layout": "vertical", "contents": [
          { ${text}, "size": "sm", "color": "#06C755", "weight": "bold", "text": {{ title | json }} },
          {% if p.shop %}{ ${text}, "size": "xl", "margin": "sm", "weight": "bold", "text": {{ p.shop | json }} },{% endif %}
          { ${text}, "size": "xs", "margin": "sm", "color": "#8C8C8C", "text": {{ p.order | prepend: " #" | prepend: words.order | json }} },
          { "type": "separator", "margin": "lg" },
          {% for item in p.items %}{ "type": "box", "layout": "horizontal", "margin": "md", "spacing": "sm", "contents": [
            { ${text}, "size": "sm", "color": "#555555", "flex": 3, "text": {{ item.name | default: "…" | json }} },
            { ${text}, "size": "sm", "color": "#111111", "flex": 2, "align": "end", "text": {{ item.price | default: " " | json }} } ] },{% endfor %}
          {% if p.items.size > 0 %}{ "type": "separator", "margin": "lg" },{% endif %}
          { "type": "box", "layout": "horizontal", "margin": "lg", "contents": [
            { "type": "text", "size": "md", "weight": "bold", "flex": 2, "gravity": "bottom", "text": {{ words.total | json }} },
            { ${text}, "size": "xl", "weight": "bold", "flex": 3, "align": "end", "text": {{ p.total | json }} } ] }
          {% if p.note %}, { ${text}, "size": "xs", "margin": "lg", "color": "#8C8C8C", "text": {{ p.note | json }} }{% endif %} ] }
        {% if p.link.size <= 1000 %}, "footer": { "type": "box", "layout": "vertical", "contents": [
          { "type": "button", "style": "link", "height": "sm",
            "action": { "type": "uri", "label": {{ words.details | truncate_characters: 40 | json }}, "uri": {{ p.link | json }} } } ] }{% endif %} } }`,
};

const liquid = new Liquid();
liquid.registerFilter("visible", visible);
liquid.registerFilter("safe", safe);
liquid.registerFilter("truncate_characters", truncate);
liquid.registerFilter("truncate_units", truncateUnits);

/** The same rules as Liquid templates. */
export function byLiquid(name: string): (input: object) => unknown {
  const template = liquid.parse(sources[name] ?? "");
  return (input) =>
    JSON.parse(liquid.renderSync(template, { ...input, channel, words })) as unknown;
}
