/** The page's only style sheet: system fonts, light and dark, print, phone width. */
export const STYLE = `
:root{color-scheme:light dark;--page:#f6f6f3;--card:#ffffff;--ink:#16181d;--neutral:#4d525c;--muted:#8b909a;--grid:#e3e4e6;
--promotional:#c2511b;--transactional:#2464b4;--good:#1d7a4a;--warn:#8a5a00;--warn-back:#fdf3dc;--shade:36,100,180;--shade-p:194,81,27}
@media (prefers-color-scheme:dark){:root{--page:#121417;--card:#1b1e23;--ink:#eceef1;--neutral:#b3b8c2;--muted:#7b818c;--grid:#2e333b;
--promotional:#f08a52;--transactional:#6aa7f0;--good:#5fc48f;--warn:#f0c56a;--warn-back:#2d2613;--shade:106,167,240;--shade-p:240,138,82}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:72rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.75rem;line-height:1.25;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2.75rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--grid)}
h3{font-size:1rem;margin:0}
p{margin:.5rem 0;max-width:46rem}
.does{color:var(--neutral)}.sub,.note{color:var(--neutral)}.note{font-size:.875rem}
.warn{background:var(--warn-back);color:var(--warn);padding:.6rem .85rem;border-radius:.4rem;max-width:none}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:1rem;margin:1.25rem 0}
.tile,figure,.mistake{background:var(--card);border:1px solid var(--grid);border-radius:.5rem;padding:1rem}
.tile b{display:block;font-size:2rem;line-height:1.2;font-variant-numeric:tabular-nums}
.tile span{color:var(--neutral);font-size:.875rem;display:block}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1rem}
figure{margin:0;min-width:0}.charts .scroll{margin:0;min-width:0}
svg{display:block;width:100%;height:auto}
.key{display:flex;flex-wrap:wrap;gap:.25rem 1rem;font-size:.875rem;color:var(--neutral);margin:.25rem 0}
.key i{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin-right:.4em}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--grid);border-radius:.5rem;margin:.75rem 0}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.9375rem}
caption{text-align:left;font-weight:600;padding:.75rem .75rem .25rem}
th,td{text-align:right;padding:.45rem .75rem;border-top:1px solid var(--grid);vertical-align:top;white-space:nowrap}
thead th{border-top:0;color:var(--neutral);font-weight:600;font-size:.8125rem;vertical-align:bottom}
th:first-child,td:first-child{text-align:left;white-space:normal;overflow-wrap:anywhere;min-width:9rem;font-weight:500}
td .does{display:block;text-align:left;white-space:normal;min-width:15rem}
tr.own>*{background:rgba(var(--shade),.1);font-weight:650}
small{color:var(--neutral);font-size:.8125rem;font-weight:400}
td small{display:block}
.matrix th,.matrix td{white-space:normal;min-width:0!important;overflow-wrap:normal}.matrix td,.matrix thead th:not(:first-child){text-align:center;width:32%;padding-left:.3rem;padding-right:.3rem}.matrix td b{display:block;font-size:1.125rem}
.mistakes{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,27rem),1fr));gap:1rem}
.mistakes>div{display:grid;gap:.75rem;align-content:start;min-width:0}
.mistake p{margin:0 0 .5rem;overflow-wrap:anywhere;white-space:pre-wrap}
.mistake ul{margin:.25rem 0 0;padding-left:1.1rem;font-size:.875rem;color:var(--neutral);overflow-wrap:anywhere}
.mistake .facts{font-size:.8125rem;color:var(--neutral);white-space:normal}
mark{background:none;color:inherit;border-bottom:2px solid;border-radius:2px;padding:0 .05em}
mark.p{border-color:var(--promotional);background:rgba(var(--shade-p),.12)}mark.t{border-color:var(--transactional);background:rgba(var(--shade),.12)}
mark.p.strong{background:rgba(var(--shade-p),.3)}mark.t.strong{background:rgba(var(--shade),.3)}mark.weak{border-bottom-style:dotted}
nav{display:flex;flex-wrap:wrap;gap:.15rem 1.1rem;font-size:.875rem;margin:.75rem 0}nav a{color:var(--transactional)}
.glance{grid-template-columns:minmax(9rem,14rem) minmax(0,46rem)}.glance dd{color:var(--ink)}
.for-p{color:var(--promotional)}.for-t{color:var(--transactional)}
dl{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;gap:.4rem 1.25rem;margin:.75rem 0}
dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere;color:var(--neutral)}
@media (max-width:34rem){main{padding:1.25rem .85rem 3rem}h1{font-size:1.4rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6rem}th,td{padding:.4rem .5rem}}
@page{margin:16mm}
@media print{:root{color-scheme:light;--page:#fff;--card:#fff;--ink:#000;--neutral:#333;--muted:#666;--grid:#bbb;--promotional:#a8430f;--transactional:#1c4f93;--good:#14603a;--warn:#5c3c00;--warn-back:#fff}
body{background:#fff;font-size:10.5pt}main{max-width:none;padding:0}nav{display:none}h2,h3,caption{break-after:avoid}
.tile,figure,.mistake,tr,dt,dd{break-inside:avoid}.scroll{overflow:visible}th,td{padding:.25rem .4rem;font-size:9pt}td small{font-size:7.5pt}
.warn{border:1px solid #999}mark,.key i{-webkit-print-color-adjust:exact;print-color-adjust:exact}.charts,.mistakes{grid-template-columns:1fr 1fr}.tiles{grid-template-columns:repeat(4,1fr)}}
`;
