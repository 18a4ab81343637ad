using DeviceMail.Accounts;
using DeviceMail.Queue;
using DeviceMail.Tests.Accounts;

namespace DeviceMail.Tests.Sending;

/// <summary>One row for each thing that Microsoft Graph, or something in its place, can say to a mail: what becomes of the mail and of the account's others.</summary>
public sealed class GraphTableTests
{
    private const string Mail = "From: scan@contoso.example\r\nTo: anna@contoso.example\r\nSubject: scan\r\n\r\nhello\r\n";

    [Theory]
    [InlineData(202, "", "", "Sent")]
    // A proxy's page is no promise, whatever its status says.
    [InlineData(200, "<html>Sign in to the network</html>", "", "Held server-unreachable")]
    [InlineData(204, "", "", "Held server-unreachable")]
    [InlineData(302, "", "", "Held server-unreachable")]
    [InlineData(400, "<html>Bad Request</html>", "", "Held server-unreachable")]
    [InlineData(403, "<html>Blocked by your firewall</html>", "", "Held server-unreachable")]
    [InlineData(451, "", "", "Held server-unreachable")]
    [InlineData(400, "ErrorInvalidRecipients", "", "Refused recipient-refused")]
    [InlineData(400, "ErrorMimeContentInvalidBase64String", "", "Refused message-refused")]
    [InlineData(400, "SomethingNew", "", "Held message-refused, this mail alone")]
    [InlineData(403, "ErrorAccessDenied", "", "Held graph-not-allowed, the interface")]
    [InlineData(403, "SomethingNew", "", "Held graph-not-allowed, the interface")]
    [InlineData(403, "ErrorSendAsDenied", "", "Held send-as-denied")]
    [InlineData(404, "MailboxNotEnabledForRESTAPI", "", "Held graph-no-mailbox, the interface")]
    [InlineData(413, "", "", "Refused message-too-large")]
    [InlineData(429, "ApplicationThrottled", "7", "TryLater provider-limit, no attempt, 7 s")]
    [InlineData(429, "ApplicationThrottled", "", "TryLater provider-limit, no attempt, 60 s")]
    [InlineData(429, "ApplicationThrottled", "99999999", "TryLater provider-limit, no attempt, 86400 s")]
    [InlineData(429, "ErrorExceededMessageLimit", "", "TryLater quota-reached, no attempt, 3600 s")]
    [InlineData(500, "", "", "TryLater server-busy")]
    [InlineData(503, "<html>Service Unavailable</html>", "30", "TryLater server-busy, 30 s")]
    [InlineData(504, "", "", "TryLater server-busy")]
    [InlineData(507, "ErrorQuotaExceeded", "", "Held mailbox-full")]
    [InlineData(0, "", "", "TryLater server-unreachable")]
    public async Task What_Graph_says_means(int status, string said, string retryAfter, string means)
    {
        await using var graph = await ScriptedGraph.StartAsync();
        var body = said.StartsWith('<') || said.Length == 0 ? said : $$$"""{"error":{"code":"{{{said}}}","message":"its words"}}""";
        graph.Script.Enqueue(status == 0 ? ProviderAnswer.Broken : new ProviderAnswer(status, body) { RetryAfter = retryAfter.Length > 0 ? retryAfter : null });
        Assert.Equal(means, Meaning(await OutcomeAsync(graph)));
        Assert.Equal(("POST", "/v1.0/me/sendMail"), (Assert.Single(graph.Asked).Method, graph.Asked.First().Path));
    }

    /// <summary>From the draft on, whatever is met is this attempt's: it leads to no other interface and stops no other mail.</summary>
    [Theory]
    [InlineData("201 {\"id\":\"d\"}|404", "TryLater server-unreachable")]
    [InlineData("201 {\"id\":\"d\"}|503", "TryLater server-busy")]
    [InlineData("201 {\"id\":\"d\"}|0", "TryLater server-unreachable")]
    [InlineData("201 {\"id\":\"d\"}|201 {\"uploadUrl\":\"http://127.0.0.1:1/closed\"}", "TryLater server-unreachable")]
    [InlineData("201 {\"id\":\"d\"}|201 {\"uploadUrl\":\"http://evil.example/\"}", "TryLater server-busy")]
    [InlineData("201 {\"id\":\"d\"}|201 {\"uploadUrl\":\"SELF/put\"}|401", "TryLater server-busy")]
    [InlineData("201 {\"id\":\"d\"}|201 {\"uploadUrl\":\"SELF/put\"}|200|201|404", "TryLater server-unreachable")]
    [InlineData("201 {\"id\":\"d\"}|201 {\"uploadUrl\":\"SELF/put\"}|200|201|404 {\"error\":{\"code\":\"ErrorItemNotFound\"}}", "TryLater server-busy")]
    [InlineData("201 {\"id\":\"d\"}|201 {\"uploadUrl\":\"SELF/put\"}|200|201|0", "TryLater server-unreachable")]
    [InlineData("201 {\"id\":\"d\"}|201 {\"uploadUrl\":\"SELF/put\"}|200|201|200", "TryLater server-unreachable")]
    [InlineData("201 {\"id\":\"d\"}|201 {\"uploadUrl\":\"SELF/put\"}|200|201|202", "Sent")]
    [InlineData("200 <html></html>", "TryLater server-busy")]
    [InlineData("403 {\"error\":{\"code\":\"ErrorAccessDenied\"}}", "Held too-large-for-graph, this mail alone")]
    public async Task What_is_met_on_the_way_of_a_draft_means(string script, string means)
    {
        await using var graph = await ScriptedGraph.StartAsync();
        foreach (var one in script.Split('|'))
        {
            var (status, body) = (int.Parse(one.Split(' ')[0]), one.Contains(' ', StringComparison.Ordinal) ? one[(one.IndexOf(' ', StringComparison.Ordinal) + 1)..].Replace("SELF", graph.Address, StringComparison.Ordinal) : "");
            graph.Script.Enqueue(status == 0 ? ProviderAnswer.Broken : new ProviderAnswer(status, body));
        }
        var scan = Convert.ToBase64String(new byte[4_500_000], Base64FormattingOptions.InsertLineBreaks);
        var large = $"From: scan@contoso.example\r\nTo: anna@contoso.example\r\nContent-Type: application/pdf; name=scan.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n{scan}\r\n";
        Assert.Equal(means, Meaning(await OutcomeAsync(graph.Address, large)));
        Assert.DoesNotContain(graph.Asked, one => one.Path.EndsWith("/put", StringComparison.Ordinal) && one.Token.Length > 0);
        Assert.InRange(graph.Asked.Count(one => one.Path.EndsWith("/send", StringComparison.Ordinal)), 0, 1);
    }

    [Fact]
    public async Task A_token_that_is_refused_is_renewed_once_and_a_second_refusal_holds_the_account()
    {
        await using var graph = await ScriptedGraph.StartAsync();
        graph.Script.Enqueue(new ProviderAnswer(401, ""));
        Assert.Equal("Sent", Meaning(await OutcomeAsync(graph)));
        Assert.Equal(["Bearer access-1", "Bearer access-2"], graph.Asked.Select(one => one.Token));
        for (var i = 0; i < 2; i++) graph.Script.Enqueue(new ProviderAnswer(401, ""));
        Assert.Equal("Held sign-in-again", Meaning(await OutcomeAsync(graph)));
    }

    [Fact]
    public async Task Nobody_at_Graphs_address_holds_the_account_before_anything_was_handed_over()
    {
        var graph = await ScriptedGraph.StartAsync();
        var address = graph.Address;
        await graph.DisposeAsync();
        Assert.Equal("Held server-unreachable, the interface", Meaning(await OutcomeAsync(address)));
    }

    private static Task<SendOutcome> OutcomeAsync(ScriptedGraph graph) => OutcomeAsync(graph.Address);

    private static async Task<SendOutcome> OutcomeAsync(string address, string mail = Mail)
    {
        await using var folder = new SenderFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var account = await folder.Accounts.AddAsync(AccountFolder.Describe("scan@contoso.example", 1, provider) with { GraphAddress = address, Transport = TransportChoice.Graph, SendsLargeByGraph = true });
        await folder.Accounts.SignInAsync(account);
        var result = await folder.Graph.SendAsync(new DeviceMail.Sending.SendAttempt(await folder.AcceptAsync(mail, "anna@contoso.example"), account, SenderFolder.Gateway) { Pool = folder.Pool }, TestContext.Current.CancellationToken);
        return Assert.Single(result.Recipients).Outcome;
    }

    private static string Meaning(SendOutcome outcome) => outcome switch
    {
        SendOutcome.Sent => "Sent",
        SendOutcome.Refused refused => $"Refused {refused.Problem.Key}",
        SendOutcome.Held held => $"Held {held.Problem.Key}{(held.IsTransports ? ", the interface" : "")}{(held.IsThisMailAlone ? ", this mail alone" : "")}",
        SendOutcome.TryLater later => $"TryLater {later.Problem.Key}{(later.Counts ? "" : ", no attempt")}{(later.After is { } after ? $", {after.TotalSeconds:0} s" : "")}",
        _ => $"{outcome}",
    };
}
