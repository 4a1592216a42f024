/* A link that opens the same map in another browser. */
(function (xiangtu) {
  "use strict";

  const { element } = xiangtu;
  const PARAMETER = "map";

  /** The address of the page around this frame, or where it was opened from. */
  function pageAddress() {
    try {
      return new URL(window.parent.location.href);
    } catch {
      return new URL(document.referrer || window.location.href);
    }
  }

  xiangtu.linkTo = function (state, page) {
    const url = new URL(page);
    url.searchParams.delete(PARAMETER);
    url.hash = "";
    const rest = url.search ? `${url.search}&` : "?";
    return `${url.origin}${url.pathname}${rest}${PARAMETER}=${encodeURIComponent(state)}`;
  };

  async function copy(field) {
    try {
      await navigator.clipboard.writeText(field.value);
      return true;
    } catch {
      field.select(); // over plain http a page may not write to the clipboard itself
      return document.execCommand("copy");
    }
  }

  /** Shows the link and copies it. */
  xiangtu.shareLink = async function (city) {
    const { words } = city;
    city.shareBox?.remove();
    const box = element("div", "xt-notice xt-share");
    city.shareBox = box;
    const field = element("input");
    field.readOnly = true;
    field.value = xiangtu.linkTo(xiangtu.encodeState(city.describe()), pageAddress());
    field.setAttribute("aria-label", words.copy_link);
    const told = element("span");
    const closer = element("button", "", words.close);
    closer.type = "button";
    closer.addEventListener("click", () => box.remove());
    box.append(told, field, closer);
    city.notices.box.append(box);
    told.textContent = (await copy(field)) ? words.link_copied : words.link_shown;
    field.select();
  };
})(window.xiangtu);
