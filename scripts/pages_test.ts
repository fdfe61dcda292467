/** Tests of the pages that commands write, most of them in a Chromium. */

import "./tests/temporary.ts";
import "./tests/html.ts";
import "./tests/site.ts";
import "./tests/site_browser.ts";
