using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DeviceMail.Lab.Entra;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Cloud;

/// <summary>The lab's Graph sends as Graph does, and refuses as Graph does.</summary>
public sealed class GraphTests
{
    private const string Anna = "anna@contoso.example", Ben = "ben@contoso.example";
    private const string Message = $"From: Scanner <{LabCaller.Mailbox}>\r\nTo: \"A, n\" <{Anna}>\r\nBcc: {Ben},\r\n outside@fabrikam.example\r\nX-Device: 7\r\nDate: Wed, 25 Nov 2026 10:00:00 +0000\r\nMessage-ID: <one@device>\r\n\r\nHello\r\n";

    [Fact]
    public async Task Recipients_come_from_the_header_and_Bcc_alone_is_taken_out()
    {
        await using var caller = await LabCaller.StartAsync();
        using var answer = await caller.SendMimeAsync(await caller.SignInAsync(LabCaller.GraphScope), Message);
        Assert.Equal((202, 0), ((int)answer.StatusCode, (await answer.Content.ReadAsByteArrayAsync(LabCaller.Cancel)).Length));
        foreach (var address in (string[])[Anna, Ben, "outside@fabrikam.example"])
        {
            var delivered = Assert.Single(caller.Lab.Mailboxes[address]);
            using var reader = new StreamReader(delivered.Body.OpenRead());
            Assert.Equal(Message.Replace($"Bcc: {Ben},\r\n outside@fabrikam.example\r\n", "", StringComparison.Ordinal), await reader.ReadToEndAsync(LabCaller.Cancel));
            Assert.Equal(("graph", LabCaller.Mailbox, SessionOrigin.AuthorizationCode), (delivered.Envelope.Way, delivered.Envelope.SignedIn, delivered.Envelope.Origin));
        }
        Assert.Equal((1, 1, 1, 0), (caller.Lab.Counters.GraphMessages, caller.Lab.Counters.GraphCalls, caller.Lab.Counters.PeakGraphSends, caller.Lab.Counters.SmtpMessages));
    }

    [Fact]
    public async Task A_personal_account_keeps_the_Message_ID_and_loses_more_of_the_header()
    {
        await using var caller = await LabCaller.StartAsync();
        var token = await caller.SignInAsync(LabCaller.GraphScope, "someone@outlook.example");
        using var answer = await caller.SendMimeAsync(token, Message.Replace(LabCaller.Mailbox, "someone@outlook.example", StringComparison.Ordinal));
        Assert.Equal(202, (int)answer.StatusCode);
        var content = Assert.Single(caller.Lab.Mailboxes[Anna]).Content;
        Assert.Equal(["From", "To", "Message-ID"], content.Headers.Select(field => field.Key));
        Assert.Equal(("someone@outlook.example", "<one@device>"), (content.Header("From"), content.Header("Message-ID")));
    }

    [Fact]
    public async Task Each_fault_has_Graphs_status_and_code()
    {
        await using var caller = await LabCaller.StartAsync();
        var (lab, token) = (caller.Lab, await caller.SignInAsync(LabCaller.GraphScope));
        Assert.Equal("401 InvalidAuthenticationToken", await RefusalAsync(await caller.SendMimeAsync(await caller.SignInAsync(LabCaller.SmtpScope), Message)));
        Assert.Equal("403 ErrorAccessDenied", await RefusalAsync(await caller.SendMimeAsync(await caller.SignInAsync("https://graph.microsoft.com/User.Read"), Message)));
        Assert.Equal("403 ErrorAccessDenied", await RefusalAsync(await caller.SendMimeAsync(token, Message, "users/fax@contoso.example")));
        Assert.Equal("403 ErrorSendAsDenied", await RefusalAsync(await caller.SendMimeAsync(token, Message.Replace($"<{LabCaller.Mailbox}>", "<fax@contoso.example>", StringComparison.Ordinal))));
        Assert.Equal("400 ErrorInvalidRecipients", await RefusalAsync(await caller.SendMimeAsync(token, $"From: {LabCaller.Mailbox}\r\n\r\nHello\r\n")));
        Assert.Equal("400 ErrorMimeContentInvalidBase64String", await RefusalAsync(await caller.GraphAsync(HttpMethod.Post, "me/sendMail", token, new StringContent("*"))));
        Assert.Equal("413 RequestEntityTooLarge", await RefusalAsync(await caller.GraphAsync(HttpMethod.Post, "me/sendMail", token, new StringContent(new string('A', 5 << 20)))));
        Assert.Equal("501 NotImplemented", await RefusalAsync(await caller.GraphAsync(HttpMethod.Post, "me/sendMail", token, JsonContent.Create(new { message = "" }))));
        Assert.Equal("403 ErrorAccessDenied", await RefusalAsync(await caller.GraphAsync(HttpMethod.Post, "me/messages", token, JsonContent.Create(new { subject = "" }))));
        foreach (var (turn, expected) in ((Action, string)[])
        [
            (() => lab.Switches.SendAsDenied = true, "403 ErrorSendAsDenied"), (() => lab.Switches.MailboxFull = true, "507 ErrorQuotaExceeded"),
            (() => lab.Switches.MailboxMegabytes = 0, "413 ErrorMessageSizeExceeded"), (() => lab.Switches.OverQuota = true, "429 ErrorExceededMessageLimit"),
            (() => lab.Switches.RecipientsPerDay = 0, "429 ErrorExceededMessageLimit"), (() => lab.Switches.GraphThrottledSeconds = 7, "429 ApplicationThrottled"),
            (() => lab.Switches.GraphUnavailable = true, "503 ServiceUnavailable"), (() => lab.Switches.GraphAccessDenied = true, "403 ErrorAccessDenied"),
            (() => lab.Switches.GraphMailboxMissing = true, "404 MailboxNotEnabledForRESTAPI"), (() => lab.Switches.AccessTokensExpired = true, "401 InvalidAuthenticationToken"),
            (() => lab.Switches.TokenRevoked = true, "401 InvalidAuthenticationToken"),
        ])
        {
            turn();
            Assert.Equal(expected, await RefusalAsync(await caller.SendMimeAsync(token, Message)));
            lab.Switches.Reset();
        }
        Assert.Equal(0, lab.Counters.GraphMessages);

        lab.Switches.GraphLoseNextAnswers = 1;
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => caller.SendMimeAsync(token, Message));
        Assert.Equal(1, lab.Counters.GraphMessages);
        lab.Switches.SecurityDefaults = lab.Switches.SmtpAuthOffForOrganisation = true;
        using var sent = await caller.SendMimeAsync(token, Message);
        Assert.Equal(202, (int)sent.StatusCode);

        static Task<string> RefusalAsync(HttpResponseMessage answer) => LabCaller.RefusalAsync(answer);
    }

    [Fact]
    public async Task The_fifth_request_at_once_for_a_mailbox_is_throttled()
    {
        await using var caller = await LabCaller.StartAsync();
        var token = await caller.SignInAsync(LabCaller.GraphScope);
        caller.Lab.Switches.SlowMilliseconds = 1500;
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => caller.SendMimeAsync(token, Message)));
        Assert.Equal(2, answers.Count(answer => answer.StatusCode == System.Net.HttpStatusCode.TooManyRequests && answer.Headers.RetryAfter?.Delta == TimeSpan.FromSeconds(2)));
        Assert.Equal(4, caller.Lab.Counters.GraphMessages);
    }

    [Fact]
    public async Task The_application_and_a_person_with_rights_send_for_another_mailbox()
    {
        await using var caller = await LabCaller.StartAsync();
        caller.Lab.Tenant.AllowApplicationPermission("graph/Mail.Send");
        var token = (await caller.ForApplicationAsync("https://graph.microsoft.com/.default", ("client_secret", LabTenant.ClientSecret))).GetProperty("access_token").GetString()!;
        using var sent = await caller.SendMimeAsync(token, Message, $"users/{LabCaller.Mailbox}");
        Assert.Equal(202, (int)sent.StatusCode);
        Assert.Equal("400 BadRequest", await LabCaller.RefusalAsync(await caller.SendMimeAsync(token, Message)));
        caller.Lab.Tenant.AllowFullAccess(Ben, LabCaller.Mailbox);
        using var shared = await caller.SendMimeAsync(await caller.SignInAsync("https://graph.microsoft.com/Mail.Send.Shared", Ben), Message, $"users/{LabCaller.Mailbox}");
        Assert.Equal(202, (int)shared.StatusCode);
        Assert.Equal([SessionOrigin.Application, SessionOrigin.AuthorizationCode], caller.Lab.Mailboxes[Anna].Select(message => message.Envelope.Origin!.Value));
        Assert.Equal([LabTenant.Application.Address, Ben], caller.Lab.Mailboxes[Anna].Select(message => message.Envelope.TokenOf));
    }

    [Fact]
    public async Task Me_tells_the_address_to_any_token_of_Graph()
    {
        await using var caller = await LabCaller.StartAsync();
        using var answer = await caller.GraphAsync(HttpMethod.Get, "me?$select=mail,userPrincipalName", await caller.SignInAsync(LabCaller.GraphScope));
        Assert.Equal(LabCaller.Mailbox, (await answer.Content.ReadFromJsonAsync<JsonElement>(LabCaller.Cancel)).GetProperty("mail").GetString());
    }

    [Fact]
    public async Task A_draft_takes_a_large_file_range_after_range_and_is_sent()
    {
        await using var caller = await LabCaller.StartAsync();
        var token = await caller.SignInAsync($"{LabCaller.GraphScope} https://graph.microsoft.com/Mail.ReadWrite");
        var draft = await PostAsync("me/messages", new
        {
            subject = "Scan für Anna",
            body = new { contentType = "text", content = "See the file." },
            toRecipients = new[] { new { emailAddress = new { name = "Anna", address = Anna } } },
            bccRecipients = new[] { new { emailAddress = new { address = Ben } } },
            internetMessageId = "<two@device>",
        });
        var path = $"me/messages/{draft.GetProperty("id").GetString()}";
        await PostAsync($"{path}/attachments", new Dictionary<string, object> { ["@odata.type"] = "#microsoft.graph.fileAttachment", ["name"] = "small.txt", ["contentBytes"] = "c21hbGw=" });
        var file = RandomNumberGenerator.GetBytes(5_000_000);
        var session = await PostAsync($"{path}/attachments/createUploadSession", new { AttachmentItem = new { attachmentType = "file", name = "große.pdf", size = file.Length, contentType = "application/pdf" } });
        var upload = new Uri(session.GetProperty("uploadUrl").GetString()!);

        Assert.Equal("401 InvalidAudience", await LabCaller.RefusalAsync(await PutAsync(0, 3_000_000, new("Bearer", token))));
        Assert.Equal("416 ErrorInvalidContentRange", await LabCaller.RefusalAsync(await PutAsync(3_000_000, 2_000_000)));
        Assert.Equal("416 ErrorInvalidContentRange", await LabCaller.RefusalAsync(await PutAsync(0, 4_500_000)));
        using var first = await PutAsync(0, 3_000_000);
        Assert.Equal("3000000", (await first.Content.ReadFromJsonAsync<JsonElement>(LabCaller.Cancel)).GetProperty("nextExpectedRanges")[0].GetString());
        using var last = await PutAsync(3_000_000, 2_000_000);
        Assert.Equal((201, true), ((int)last.StatusCode, last.Headers.Location is not null));
        using var sent = await caller.GraphAsync(HttpMethod.Post, $"{path}/send", token);
        Assert.Equal(202, (int)sent.StatusCode);

        var content = Assert.Single(caller.Lab.Mailboxes[Anna]).Content;
        Assert.Single(caller.Lab.Mailboxes[Ben]);
        Assert.Equal(("Scan für Anna", "<two@device>", "See the file.", ""), (content.Header("Subject"), content.Header("Message-ID"), content.Text, content.Header("Bcc")));
        Assert.Equal([("small.txt", Sha("small"u8.ToArray())), ("große.pdf", Sha(file))], content.Attachments.Select(attachment => (attachment.Name, attachment.Sha256)));
        Assert.Equal("404 ErrorItemNotFound", await LabCaller.RefusalAsync(await caller.GraphAsync(HttpMethod.Post, $"{path}/send", token)));

        async Task<JsonElement> PostAsync(string to, object body)
        {
            using var answer = await caller.GraphAsync(HttpMethod.Post, to, token, JsonContent.Create(body));
            Assert.Equal(201, (int)answer.StatusCode);
            return await answer.Content.ReadFromJsonAsync<JsonElement>(LabCaller.Cancel);
        }

        async Task<HttpResponseMessage> PutAsync(int from, int count, AuthenticationHeaderValue? authorization = null)
        {
            using var range = new ByteArrayContent(file, from, count);
            range.Headers.ContentRange = new(from, from + count - 1, file.Length);
            return await caller.CallAsync(HttpMethod.Put, upload, authorization, range);
        }

        static string Sha(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
    }
}
