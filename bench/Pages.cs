using System.Globalization;
using System.Net;
using DeviceMail.Web;

namespace DeviceMail.Bench;

/// <summary>How long the pages of Web Config take, with a thousand jobs in the queue, as a client on the same machine sees it through TLS.</summary>
public static class Pages
{
    public const string Slowest = "Web Config, the slowest page, 95th percentile of 200";

    private const int Asked = 200;

    private static readonly Case Filled = new(Slowest, 4, 1_024) { Messages = 1_000 };

    public static async Task MeasureAsync(BenchOptions options, Figures results, CancellationToken cancel)
    {
        await using var gateway = await Gateway.StartAsync(options, Filled, Upstream.Clear(9), cancel);
        await Load.RunAsync(Filled, gateway, Filled.Messages, cancel);
        using var browser = await LogInAsync(gateway, cancel);
        var slowest = (Page: "", Milliseconds: 0.0);
        foreach (var page in Menu.Tabs.SelectMany(tab => tab.Pages))
        {
            var took = await PercentileAsync(browser, page.Address, cancel);
            if (took > slowest.Milliseconds) slowest = (page.Address, took);
        }
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the slowest page is {slowest.Page}"));
        results.Add(Slowest, "DeviceMail", slowest.Milliseconds);
    }

    private static async Task<double> PercentileAsync(HttpClient browser, string page, CancellationToken cancel)
    {
        var took = new List<double>();
        for (var i = 0; i < Asked; i++)
        {
            var start = TimeProvider.System.GetTimestamp();
            using var answer = await browser.GetAsync(page, cancel);
            if (answer.StatusCode != HttpStatusCode.OK) throw new BenchFailedException($"{page} answers {(int)answer.StatusCode}.");
            await answer.Content.ReadAsByteArrayAsync(cancel);
            took.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
        }
        return took.Order().ElementAt(Asked * 95 / 100);
    }

    private static async Task<HttpClient> LogInAsync(Gateway gateway, CancellationToken cancel)
    {
        var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, ServerCertificateCustomValidationCallback = (_, _, _, _) => true })
        {
            BaseAddress = new Uri($"https://127.0.0.1:{gateway.WebPort}"),
        };
        using var form = new HttpRequestMessage(HttpMethod.Post, "/login")
        {
            Content = new FormUrlEncodedContent([new("password", gateway.AdministratorPassword), new("next", "")]),
        };
        form.Headers.Add("Origin", browser.BaseAddress.GetLeftPart(UriPartial.Authority));
        using var answer = await browser.SendAsync(form, cancel);
        return answer.StatusCode == HttpStatusCode.SeeOther ? browser : throw new BenchFailedException($"Web Config does not let the bench in: {(int)answer.StatusCode}.");
    }
}
