// Every behaviour, bound by a data- attribute; each works on what htmx brings later.
import "./advice.js";
import "./autosubmit.js";
import "./errors.js";
import "./forget.js";
import "./formset.js";
import "./guard.js";
import "./htmx-answers.js";
import "./keep.js";
import "./menu.js";
import "./once.js";
import "./prose.js";
import "./search-key.js";
import "./selection.js";
