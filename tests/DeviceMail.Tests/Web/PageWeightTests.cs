using System.Net;
using DeviceMail.Tests.Kit;
using DeviceMail.Web;
using Microsoft.Extensions.DependencyInjection;

namespace DeviceMail.Tests.Web;

/// <summary>A page with its style, script and icon weighs little, and asks for nothing outside the gateway.</summary>
public sealed class PageWeightTests
{
    private const int Most = 60 << 10;

    [Fact]
    public async Task Each_page_of_a_busy_gateway_weighs_at_most_60_KB_with_all_that_it_loads()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        for (var i = 0; i < 60; i++) await gateway.HandInAsync($"Scan {i} of the contract with the lawyers of the other side, second draft", "anna@contoso.example", "ben@contoso.example", "chris@contoso.example");
        using var visitor = new WebVisitor(gateway.Web, gateway.Services.GetRequiredService<ServerCertificate>().Certificate);
        using (var answer = await visitor.PostAsync("/login", ("password", LabGateway.Password))) Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        var around = 0;
        foreach (var asset in (string[])["/app.css", "/app.js", "/icon.svg"]) around += await WeightAsync(visitor, asset);
        var heavy = new List<string>();
        foreach (var page in (string[])[.. Menu.Tabs.SelectMany(tab => tab.Pages).Select(page => page.Address), "/jobs?open=60", "/explain?q=smtp", "/email-server?account=new"])
        {
            var weight = around + await WeightAsync(visitor, page);
            if (weight > Most) heavy.Add($"{page}: {weight:N0} octets");
            Assert.DoesNotMatch("(src|srcset|action)=\"(https?:)?//", await visitor.ReadAsync(page));
        }
        Assert.Empty(heavy);
    }

    private static async Task<int> WeightAsync(WebVisitor visitor, string path)
    {
        using var answer = await visitor.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length;
    }
}
