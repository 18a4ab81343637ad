using System.Text.Json;
using DeviceMail.Tests.House;
using Microsoft.Playwright;

namespace DeviceMail.Tests.Kit;

/// <summary>axe-core, from npm: judges a page by the rules of WCAG 2.2 A and AA, as it stands in the browser, in light and in dark.</summary>
internal static class Axe
{
    private const string Question = """
        async () => (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] }))
          .violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.target} ${node.failureSummary.replace(/\s+/g, ' ')}`))
        """;

    private static readonly string _script = File.ReadAllText(Path.Combine(Repository.Root, "tests/parts/axe/node_modules/axe-core/axe.min.js"));

    public static async Task FindsNothingAsync(IPage page, string name)
    {
        // Without script some pages load themselves again, in the midst of the judgement.
        if (await page.Locator("meta[http-equiv=refresh]").CountAsync() > 0) return;
        foreach (var scheme in (ColorScheme[])[ColorScheme.Dark, ColorScheme.Light])
        {
            await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme });
            await page.EvaluateAsync(_script);
            var found = await page.EvaluateAsync<JsonElement>(Question);
            Assert.True(found.GetArrayLength() == 0, $"{name} in {scheme}:{Environment.NewLine}{string.Join(Environment.NewLine, found.EnumerateArray())}");
        }
    }
}
