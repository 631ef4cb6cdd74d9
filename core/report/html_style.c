/* The style sheet of the HTML report. Colours are named once for light and once for dark; paper is always light. All text has a contrast of 4.5 to 1 and more. */
#include "core/report/html.h"

#define LIGHT \
	"--page:#f4f2ed;--sheet:#fffefb;--ink:#20262b;--soft:#575f66;--line:#ddd9cf;--link:#1d5a78;" \
	"--good:#17603f;--good-bg:#e9f2ec;--warn:#7a4a06;--warn-bg:#faf1df;--bad:#962525;--bad-bg:#fae9e6;" \
	"--copied:#2b7a58;--there:#86bda3;--left:#a5abaf;--refused:#b23a3a;--gone:#cfccc4;--open:#d9a23c;--old:#d9a23c;--hole:#e8d09a;--outage:#dd988d;"
#define DARK \
	"--page:#14181b;--sheet:#1b2024;--ink:#e7e4dd;--soft:#a6adb3;--line:#343b41;--link:#8cc4e3;" \
	"--good:#8fd6b0;--good-bg:#1c2e26;--warn:#efc67d;--warn-bg:#332a18;--bad:#f2a69c;--bad-bg:#3a2120;" \
	"--copied:#4fa67f;--there:#2f624b;--left:#6d757b;--refused:#d7645c;--gone:#454c52;--open:#cf9a3d;--old:#cf9a3d;--hole:#6a592b;--outage:#94483f;"

#define COLOURS \
	":root{color-scheme:light dark;" LIGHT "}\n" \
	"@media screen and (prefers-color-scheme:dark){:root{" DARK "}}\n" \
	".copied{--c:var(--copied)}.already_there{--c:var(--there)}.skipped{--c:var(--left)}.refused{--c:var(--refused)}.vanished{--c:var(--gone)}.pending{--c:var(--open)}\n" \
	".new{--c:var(--copied)}.old{--c:var(--old)}.hole{--c:var(--hole)}.outage{--c:var(--outage)}rect{fill:var(--c)}.dot{background:var(--c)}\n" \
	".good{--c:var(--good);--b:var(--good-bg)}.warn{--c:var(--warn);--b:var(--warn-bg)}.bad{--c:var(--bad);--b:var(--bad-bg)}\n"

#define LETTERS \
	"*{box-sizing:border-box}html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}\n" \
	"body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",sans-serif;overflow-wrap:anywhere}\n" \
	"h1,h2,.said,.answer{font-family:\"Iowan Old Style\",\"Palatino Linotype\",Palatino,\"URW Palladio L\",\"Noto Serif\",Georgia,\"DejaVu Serif\",serif;text-wrap:pretty}\n" \
	"h1{font-size:1.05rem;font-weight:600;letter-spacing:.01em;margin:0}h2{font-size:1.9rem;line-height:1.2;font-weight:600;margin:0}\n" \
	"h3{font-size:1.02rem;line-height:1.35;margin:0 0 .7rem}h4{font-size:1rem;margin:1.2rem 0 .4rem}p{margin:0 0 .7rem;text-wrap:pretty}ul,ol{margin:0 0 .7rem;padding-left:1.3rem}\n" \
	"code{display:inline-block;max-width:100%;font:.92em/1.4 ui-monospace,\"Cascadia Mono\",Menlo,Consolas,\"DejaVu Sans Mono\",monospace;background:var(--page);border-radius:3px;padding:.1em .3em}\n" \
	"a{color:var(--link)}:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:2px}\n" \
	".vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}\n" \
	".skip{position:absolute;left:1rem;top:-4rem;background:var(--sheet);padding:.5rem .8rem;z-index:1}.skip:focus{top:1rem}\n"

#define FRAME \
	"header,main,footer{max-width:52rem;margin:0 auto;padding:0 1.25rem}header{display:flex;flex-wrap:wrap;gap:.2rem 1rem;justify-content:space-between;align-items:baseline;padding-top:2rem}\n" \
	"header p,footer p{margin:0;color:var(--soft);font-size:.92rem}footer{padding-top:1rem;padding-bottom:3rem}.stamp{display:none}\n" \
	".account,.index,main>section{background:var(--sheet);border:1px solid var(--line);border-radius:6px;padding:clamp(1.25rem,5vw,2.75rem);margin:1.25rem 0}\n" \
	".index h2{margin-bottom:.5rem}.index th,.index td{overflow-wrap:break-word}.index tbody th{overflow-wrap:anywhere;min-width:4.5rem}.of{color:var(--soft)}.index .n{white-space:normal}.index b,.of,.of .n{white-space:nowrap}\n" \
	".way{color:var(--soft);margin:.25rem 0 1.4rem}.way bdi{white-space:normal}section{margin-top:2.4rem}main>section{margin-top:1.25rem}\n" \
	".verdict{background:var(--b);border-left:4px solid var(--c);border-radius:0 4px 4px 0;padding:1.1rem 1.3rem 1.2rem}\n" \
	".word{color:var(--c);font-weight:650;font-size:.92rem}.verdict .word{margin:0 0 .3rem}.word::first-letter{text-transform:uppercase}p.word{display:block}span.word{display:inline-block}\n" \
	".said{font-size:1.32rem;line-height:1.42;margin:0}.said bdi{font-style:italic}.answer{font-size:1.18rem;line-height:1.4;color:var(--c);margin-bottom:.5rem}\n"

#define TABLES \
	"table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums lining-nums}caption{text-align:left;color:var(--soft);font-size:.92rem;padding:0 0 .5rem}\n" \
	"th,td{text-align:left;vertical-align:top;padding:.5rem .8rem .5rem 0;border-bottom:1px solid var(--line);font-weight:400}th:last-child,td:last-child{padding-right:0}\n" \
	"thead th{color:var(--soft);font-size:.87rem;vertical-align:bottom;padding-top:0}td.n,th.n{text-align:right}.n{white-space:nowrap}td.n+td,th.n+th{padding-left:.8rem}b.n{font-weight:600}\n" \
	".pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(16.5rem,1fr));gap:1.6rem 3rem;align-items:start}\n" \
	".sum th,.sum td{padding:.32rem 0;border:0}.sum .all th,.sum .all td{font-weight:650;border-bottom:1px solid var(--line);padding-bottom:.45rem}.sum .all+tr>*{padding-top:.5rem}\n" \
	".sum .zero{color:var(--soft)}.sign{display:inline-block;width:1.2em;color:var(--soft)}[data-table=verified] .sign{display:none}\n" \
	".t{display:inline-block}.t::first-letter,thead th::first-letter{text-transform:uppercase}\n" \
	".folders th:first-child{width:54%}.folders tbody th{font-weight:500}.to{color:var(--soft);font-weight:400}.size{display:block;color:var(--soft);font-size:.87rem}\n" \
	".bar{display:block;width:100%;height:.4rem;margin-top:.35rem}.dot{display:inline-block;width:.62em;height:.62em;border-radius:2px;margin-right:.45em}\n" \
	".terms,.legend,.plain,.points{list-style:none;padding:0;margin:0}.odd{color:var(--bad)}.terms li{line-height:1.45;padding-left:1.07em;text-indent:-1.07em}.odd{text-indent:0!important}\n" \
	".senders{margin-top:.9rem}.senders th,.senders td{padding-top:.3rem;padding-bottom:.3rem}\n"

#define FIGURES \
	"figure{margin:0 0 1rem}figcaption{color:var(--soft);font-size:.92rem;margin-bottom:.5rem}.chart{position:relative;padding-top:1.2rem}\n" \
	".months{display:block;width:100%;height:9rem;border-bottom:1px solid var(--soft)}.most{position:absolute;top:0;left:0;font-size:.8rem;line-height:1;color:var(--soft);border-top:1px solid var(--line)}\n" \
	".chart .most{border:0}.years{position:relative;height:1.5rem;font-size:.8rem;color:var(--soft)}.years span{position:absolute;top:.25rem;border-left:1px solid var(--soft);padding-left:.25rem;line-height:1.1;white-space:nowrap}\n" \
	".legend{display:flex;flex-wrap:wrap;gap:.1rem 1.3rem;font-size:.9rem;margin-top:.4rem}.plain li{margin-bottom:.35rem}.plain li::first-letter{text-transform:uppercase}\n" \
	".points li{border-left:3px solid var(--c,var(--line));padding:.1rem 0 .1rem .9rem;margin-bottom:.9rem}.points p{margin:.1rem 0}.tag{display:inline-block;color:var(--c);font-weight:650;font-size:.92rem}\n" \
	".tag::first-letter{text-transform:uppercase}.place{font-weight:600}.hint{color:var(--soft)}.steps li{margin-bottom:.35rem}.steps li::first-letter{text-transform:uppercase}\n" \
	"details{margin-top:1rem}summary{cursor:pointer;color:var(--link);width:fit-content}details[open]>summary{margin-bottom:.9rem}.appendix{margin-top:2.6rem;border-top:1px solid var(--line);padding-top:1.2rem}\n" \
	".facts{display:grid;gap:.45rem;margin:0 0 1.4rem;font-size:.92rem}.facts div{display:grid;grid-template-columns:11rem 1fr;gap:.3rem 1rem}.facts dt{color:var(--soft)}.facts dd{margin:0}.ahead{margin:1.2rem 0 0}\n" \
	".scroll{overflow-x:auto;margin-bottom:1.4rem}.scroll table{font-size:.87rem;overflow-wrap:normal}.scroll td bdi,.scroll th bdi{overflow-wrap:anywhere}.scroll th,.scroll td{min-width:4rem}\n"

#define PHONE \
	"@media(max-width:34rem){header,main,footer{padding-left:.75rem;padding-right:.75rem}h2{font-size:1.6rem}.said{font-size:1.16rem}.verdict{padding:.9rem 1rem}\n" \
	".folders,.index table{font-size:.92rem}td.n+td,th.n+th{padding-left:.35rem}.folders th:first-child{width:40%}th,td{padding-right:.55rem}.facts div{grid-template-columns:1fr;gap:0}\n" \
	".index thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.index tbody tr{display:grid;grid-template-columns:1fr auto;gap:0 .8rem;padding:.5rem 0;border-bottom:1px solid var(--line)}\n" \
	".index tbody th,.index tbody td,.index tbody td.n{border:0;padding:0;text-align:left}.index tbody td:nth-child(even){text-align:right}.senders{font-size:.88rem}.senders tbody th,.senders tbody td:first-child{min-width:9.5rem}}\n" \
	"@media(max-width:23rem){.account,.index,main>section{padding:1rem}.senders tbody th,.senders tbody td:first-child{min-width:6rem}}\n"

#define PAPER \
	"@page{size:A4;margin:18mm 16mm}\n" \
	"@media print{:root{color-scheme:light;" LIGHT "--page:#fff;--sheet:#fff}html{font-size:10pt}body{print-color-adjust:exact;-webkit-print-color-adjust:exact}\n" \
	"header,main,footer{max-width:none;padding:0}.account,.index,main>section{border:0;padding:0;margin:0;border-radius:0}.index{margin-top:1.5rem}.index table{line-height:1.22}.index th,.index td{padding-top:.1rem;padding-bottom:.1rem}.account{margin-top:1.5rem}\n" \
	".index~.account,.account~.account{break-before:page;margin-top:0}.index~.account .stamp,.account~.account .stamp{display:block;color:var(--soft);margin-bottom:1.2rem}\n" \
	"th,td{padding-top:.3rem;padding-bottom:.3rem}.sum th,.sum td{padding:.16rem 0}.months{height:7.5rem}p{orphans:3;widows:3}\n" \
	"h2,h3,h4,thead,.verdict,caption,summary{break-after:avoid}tr,li,figure,.verdict,.pair{break-inside:avoid}section{margin-top:1.6rem}.skip,details{display:none}a{color:inherit;text-decoration:none}\n" \
	".scroll{overflow:visible}code{background:none;padding:0}footer{margin-top:1.5rem}.pair{grid-template-columns:1fr 1fr}}\n"

const char html_style[] = COLOURS LETTERS FRAME TABLES FIGURES PHONE PAPER;
