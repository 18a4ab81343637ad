using DeviceMail.Tests.Kit;
using DeviceMail.Web;

namespace DeviceMail.Tests.Web;

/// <summary>Who has no pointer reaches everything: the Tab key comes to each control of each page, and it shows where it is.</summary>
public sealed class KeyboardWalks
{
    /// <summary>What can be used with a pointer now; of radio buttons one a group, the arrow keys lead to the others.</summary>
    private const string Mark = """
        () => {
          const groups = new Set();
          const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')].filter(one => {
            if (one.disabled || one.tabIndex < 0 || !one.checkVisibility({ visibilityProperty: true })) return false;
            if (one.type !== 'radio') return true;
            const group = document.querySelectorAll(`input[type=radio][name="${one.name}"]`);
            const first = [...group].find(each => each.checked) ?? group[0];
            return one === first && !groups.has(one.name) && groups.add(one.name);
          });
          all.forEach((one, number) => one.dataset.reach = number);
          return all.length;
        }
        """;

    private const string Where = """
        () => {
          const here = document.activeElement;
          const look = getComputedStyle(here);
          return here.dataset.reach === undefined ? '' : `${here.dataset.reach}${look.outlineStyle === 'none' || parseFloat(look.outlineWidth) === 0 ? ' unseen' : ''}`;
        }
        """;

    [Fact]
    public async Task The_tab_key_comes_to_each_control_of_each_page_and_shows_where_it_is()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await gateway.HandInAsync("scan", "anna@contoso.example");
        await using var browser = await Browser.LogInAsync(gateway);
        var faults = new List<string>();
        foreach (var address in (string[])[.. Menu.Tabs.SelectMany(tab => tab.Pages).Select(page => page.Address), "/jobs?open=1", "/email-server?account=new", "/devices/new"])
        {
            await browser.GoAsync(address);
            var count = await browser.Page.EvaluateAsync<int>(Mark);
            var seen = new HashSet<string>();
            for (var press = 0; press < count + 5 && seen.Count < count; press++)
            {
                await browser.Page.Keyboard.PressAsync("Tab");
                if (await browser.Page.EvaluateAsync<string>(Where) is { Length: > 0 } here) seen.Add(here);
            }
            if (seen.Count < count) faults.Add($"{address}: the Tab key comes to {seen.Count} of {count} controls");
            faults.AddRange(seen.Where(one => one.EndsWith("unseen", StringComparison.Ordinal)).Select(one => $"{address}: nothing shows that control {one}"));
        }
        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }
}
