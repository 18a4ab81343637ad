using System.CommandLine;
using System.Net;
using System.Text.Json;
using DeviceMail.Activity;
using DeviceMail.Control;
using DeviceMail.Doctor;
using DeviceMail.Settings;
using DeviceMail.Tests.Kit;
using DeviceMail.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DeviceMail.Tests.Doctor;

public sealed class ExplainTests
{
    [Theory]
    [InlineData("53003", "A Conditional Access policy blocks the sign-in (AADSTS53003, blocked-by-policy, code 370)")]
    [InlineData("aadsts530036", "A policy now blocks sign-ins made by code (AADSTS530036")]
    [InlineData("invalid_grant, AADSTS50173: The provided grant has expired due to it being revoked", "The sign-in was revoked (AADSTS50173")]
    [InlineData("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant", "SMTP AUTH is switched off for the organisation")]
    [InlineData("SmtpClientAuthentication is disabled for the Mailbox", "SMTP AUTH is switched off for this mailbox")]
    [InlineData("535 5.7.139", "8 meanings fit|9 meanings fit")]
    [InlineData("5.2.252 SendAsDenied", "The mailbox may not send as this address")]
    [InlineData("361", "Code 361: The connection to the email service has expired.")]
    [InlineData("code 370", "Code 370: Sign in to the email service again.")]
    [InlineData("smtp-auth-off", "SMTP AUTH is switched off (smtp-auth-off)")]
    [InlineData("temporarily_unavailable", "Sign-in service not reachable (temporarily_unavailable")]
    [InlineData("certificate not trusted", "The server's certificate is not trusted (certificate-refused)")]
    [InlineData("554 5.9.9 never seen before", "The mail was refused (5xx, message-refused)")]
    public async Task A_code_or_text_is_explained_without_a_service(string question, string begins)
    {
        var (code, output, error) = await RunAsync("explain", question);

        Assert.Equal((0, ""), (code, error));
        Assert.Contains(begins.Split('|'), start => output.StartsWith(start, StringComparison.Ordinal));
        Assert.Contains("  What to do  ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_need_no_quotation_marks()
    {
        var (_, output, _) = await RunAsync("explain", "535", "5.7.139", "Authentication", "unsuccessful,", "basic", "authentication", "is", "disabled.");

        Assert.StartsWith("The server takes no passwords (535 5.7.139 basic authentication is disabled, password-refused)", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_knows_is_said_with_what_to_do_and_is_1()
    {
        var (code, output, error) = await RunAsync("explain", "AADSTS99999999");

        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith("This gateway knows nothing about that. Enter the whole line", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_facts_are_told_as_json()
    {
        var (_, output, _) = await RunAsync("explain", "432 4.3.2 Concurrent connections limit exceeded", "--json");

        var meaning = Assert.Single(JsonDocument.Parse(output).RootElement.GetProperty("meanings").EnumerateArray());
        Assert.Equal("provider-limit", meaning.GetProperty("key").GetString());
        Assert.Contains("no fault", meaning.GetProperty("consequence").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_problem_number_and_error_is_found_by_its_name()
    {
        Assert.All(Catalogue.Problems, problem => Assert.Equal(problem.Key, Explanations.Find(problem.Key)[0].Says));
        Assert.All(Catalogue.Entries.Where(entry => entry is not ReplyEntry), entry => Assert.Contains(entry.Says, Explanations.Find(entry.Says).Select(one => one.Says)));
        Assert.All(Catalogue.Replies.Where(rule => rule.Texts.Count > 0 && rule.Texts[0].Length >= 12),
            rule => Assert.Contains(rule.Says, Explanations.Find(rule.Texts[0].Replace('*', ' ')).Select(one => one.Says)));
    }

    [Fact]
    public async Task G6_4_the_page_explains_and_quotes_nothing_as_markup()
    {
        using var folder = new Folder();
        await using var app = DeviceMailHost.Build(new StartOptions
        {
            DataPath = folder.Path, Smtp = [], Web = new IPEndPoint(IPAddress.Loopback, 0), Http = null, LogLevel = LogLevel.Error,
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        await app.Services.GetRequiredService<Claim>().ClaimUnattendedAsync("admin@contoso.example", "correct horse battery");
        using var browser = await LogInAsync(app);

        var empty = await browser.GetStringAsync("/explain", TestContext.Current.CancellationToken);
        Assert.Contains("Job/Status › Explain a Code", WebUtility.HtmlDecode(empty), StringComparison.Ordinal);
        Assert.Contains("action=\"/explain\"", empty, StringComparison.Ordinal);
        var one = await browser.GetStringAsync("/explain?q=AADSTS53003", TestContext.Current.CancellationToken);
        Assert.Contains("<h2>A Conditional Access policy blocks the sign-in</h2>", one, StringComparison.Ordinal);
        var typed = await browser.GetStringAsync("/explain?q=smtp-auth-off", TestContext.Current.CancellationToken);
        Assert.Contains("<code>Set-CASMailbox MAILBOX -SmtpClientAuthenticationDisabled $false</code>", typed, StringComparison.Ordinal);
        var canary = await browser.GetStringAsync("/explain?q=" + Uri.EscapeDataString("\"><script>alert(1)</script>"), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("<script>alert", canary, StringComparison.Ordinal);
        Assert.Contains("This gateway knows nothing about that", canary, StringComparison.Ordinal);
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<HttpClient> LogInAsync(WebApplication app)
    {
        var web = new Uri($"https://127.0.0.1:{app.Services.GetRequiredService<Listeners>().Find("Web Config (https)")?.Port}");
        var own = app.Services.GetRequiredService<ServerCertificate>().Certificate.GetCertHashString();
        var browser = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == own } }) { BaseAddress = web };
        browser.DefaultRequestHeaders.Add("Origin", web.GetLeftPart(UriPartial.Authority));
        using var form = new FormUrlEncodedContent([new("password", "correct horse battery")]);
        using var answer = await browser.PostAsync(new Uri("/login", UriKind.Relative), form, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode);
        return browser;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(arguments, new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
