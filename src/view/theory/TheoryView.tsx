/**
 * The view Theory: pages that run the theory in the browser.
 *
 * @module
 */
import type { FunctionComponent } from "preact"
import type { ViewProps } from "../App.tsx"
import { lazily } from "../parts/Lazy.tsx"
import { linkTo } from "../Place.ts"
import { FirstScreen } from "./FirstScreen.tsx"
import { type PageId, pageOf, type PageProps, PAGES } from "./Pages.ts"

const COMPONENTS: Readonly<Record<PageId, FunctionComponent<PageProps>>> = {
  accuracy: lazily(() => import("./accuracy/AccuracyPage.tsx").then(({ AccuracyPage }) => AccuracyPage)),
  length: lazily(() => import("./appendix/AppendixPage.tsx").then(({ AppendixPage }) => AppendixPage)),
  kl: lazily(() => import("./kl/KlPage.tsx").then(({ KlPage }) => KlPage)),
  dynamics: lazily(() => import("./dynamics/DynamicsPage.tsx").then(({ DynamicsPage }) => DynamicsPage)),
  claims: lazily(() => import("./claims/ClaimsPage.tsx").then(({ ClaimsPage }) => ClaimsPage))
}

/** The view. */
export const TheoryView = ({ go, params }: ViewProps) => {
  const page = pageOf(params)
  if (page === undefined) return <FirstScreen unknown={params.get("page")} />
  const Shown = COMPONENTS[page]
  return (
    <>
      <nav class="pages" aria-label="Pages of the theory">
        <a href={linkTo("theory")}>Overview</a>
        {PAGES.map(({ id, name }) => (
          <a key={id} href={linkTo("theory", { page: id })} aria-current={id === page ? "page" : undefined}>{name}</a>
        ))}
      </nav>
      <Shown params={params} go={go} />
    </>
  )
}
