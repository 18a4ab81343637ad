namespace DeviceMail.Lab.Directory;

/// <summary>A refusal of Graph: status, code and words.</summary>
public sealed record DirectoryRefusal(int Status, string Code, string Message)
{
    public static readonly DirectoryRefusal NoToken = new(401, "InvalidAuthenticationToken", "Access token is empty, has expired, or is not for this resource.");

    /// <summary>The same words when the token lacks a permission and when the person lacks a role.</summary>
    public static readonly DirectoryRefusal NoRight = new(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");

    public static readonly DirectoryRefusal NoPolicyRight = new(403, "AccessDenied", "You cannot perform the requested operation, required scopes are missing in the token.");

    public static readonly DirectoryRefusal BadRequest = new(400, "Request_BadRequest", "Invalid filter clause or body.");

    public static readonly DirectoryRefusal BadGrant = new(400, "Request_BadRequest", "Invalid value specified for property 'consentType' or 'principalId' of resource 'OAuth2PermissionGrant'.");

    public static readonly DirectoryRefusal GrantExists = new(409, "Request_MultipleObjectsWithSameKeyValue", "Permission entry already exists.");

    public static readonly DirectoryRefusal Throttled = new(429, "TooManyRequests", "Too Many Requests");

    public static DirectoryRefusal NotFound(string? id) => new(404, "Request_ResourceNotFound", $"Resource '{id}' does not exist or one of its queried reference-property objects are not present.");

    public static DirectoryRefusal NoApplication(string? appId) => new(400, "Request_BadRequest", $"The appId '{appId}' of the service principal does not reference a valid application object.");

    public static DirectoryRefusal PrincipalExists(string? appId) => new(409, "Request_MultipleObjectsWithSameKeyValue", $"The service principal cannot be created, updated, or restored because the service principal name {appId} is already in use.");
}
